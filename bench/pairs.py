"""The course's digit pairs: MNIST averaged to 14x14 and paired by a seeded permutation without replacement."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from mnist import read_split

# First entries of the training and of the test permutation: a seed listed here is checked against them.
CHECK_VALUES = {
    0: ((36044, 10678, 57327, 55074, 21567, 15479), (7953, 9495, 6723, 5291, 1125, 1110)),
    42: ((37542, 43087, 2992, 25810), (914, 4169, 3956, 8025)),
}


class PairSet(NamedTuple):
    """N pairs of digit images."""

    pair: Tensor  # [N, 2, 14, 14] float32, 0..255 (or normalised)
    target: Tensor  # [N] float32, 1 where first <= second
    digits: Tensor  # [N, 2] int64, 0..9

    def take(self, rows: Tensor | slice) -> "PairSet":
        """The chosen rows, as a copy when `rows` is an index tensor."""
        return PairSet(*(part[rows] for part in self))

    def normalised(self, mean: float, std: float) -> "PairSet":
        """The same pairs with (pixel - mean) / std."""
        return self._replace(pair=(self.pair - mean) / std)


def pair_up(images: np.ndarray, labels: np.ndarray, order: np.ndarray) -> PairSet:
    """Pairs of images 2i and 2i+1 of `order`, each averaged 2x2 to 14x14 without rounding."""
    chosen = torch.from_numpy(images[order]).float()
    pair = torch.nn.functional.avg_pool2d(chosen[:, None], 2).view(-1, 2, 14, 14)
    digits = torch.from_numpy(labels[order]).long().view(-1, 2)
    return PairSet(pair, (digits[:, 0] <= digits[:, 1]).float(), digits)


def draw(folder: Path, seed: int, pairs: int = 1000) -> tuple[PairSet, PairSet]:
    """Training and test set of one seed, raw pixels 0..255."""
    generator = torch.Generator().manual_seed(seed)
    sets = []
    for which, split in enumerate(("train", "t10k")):
        images, labels = read_split(folder, split)
        order = torch.randperm(len(images), generator=generator).numpy()
        expected = CHECK_VALUES.get(seed, ((), ()))[which]
        if tuple(order[: len(expected)].tolist()) != expected:
            raise ValueError(f"seed {seed}: this torch draws another permutation than the course's generator")
        sets.append(pair_up(images, labels, order[: 2 * pairs]))
    return sets[0], sets[1]


def mean_and_std(train: PairSet) -> tuple[float, float]:
    """One scalar mean and unbiased standard deviation over all pixels of the set."""
    std, mean = torch.std_mean(train.pair.double())
    return mean.item(), std.item()
