"""Choosing by one half of the rounds, judged by the other half."""

from dataclasses import dataclass

import numpy as np

from . import tests


@dataclass
class Halves:
    """Each half of the rounds chooses a cell, which the other half judges."""

    apparent: float
    honest: float
    by_round: list[float]
    optimism: tests.Test


def halves(criterion: list[dict[int, float]], outcome: list[dict[int, float]]) -> Halves:
    """`criterion` chooses, `outcome` judges; both hold accuracies by seed, one entry per cell."""
    rounds = sorted(set.intersection(*(set(sample) for sample in criterion + outcome)))
    chooses = np.array([[sample[seed] for seed in rounds] for sample in criterion])
    judges = np.array([[sample[seed] for seed in rounds] for sample in outcome])
    middle = len(rounds) // 2
    parts = (slice(0, middle), slice(middle, None))
    chosen = [int(np.argmax(chooses[:, part].mean(axis=1))) for part in parts]
    field = judges.mean(axis=0)
    apparent, honest, levelled = [], [], []
    for position in range(len(rounds)):
        other = 1 if position < middle else 0
        cell = judges[chosen[other]]
        seen = cell[parts[other]].mean()
        apparent.append(seen)
        honest.append(cell[position])
        levelled.append((seen - field[parts[other]].mean(), cell[position] - field[position]))
    optimism = tests.paired(*zip(*levelled))
    return Halves(float(np.mean(apparent)), float(np.mean(honest)), honest, optimism)
