"""The rounds trained in PyTorch, beside ours and the published values."""

import json
from dataclasses import dataclass
from pathlib import Path

from . import tests
from .values import Value

JOURNAL = "results/pytorch/journal.jsonl"


@dataclass
class InPyTorch:
    """PyTorch's accuracies of one recipe, in percent by seed, and their two tests."""

    of: tuple[str, str]
    rounds: list[float]
    ours: tests.Test
    published: tests.Test


def add(root: Path, values: list[Value]) -> None:
    """Gives each value the rounds of the first of its places that PyTorch trained."""
    path = root / JOURNAL
    rounds: dict[tuple[str, str], dict[int, float]] = {}
    for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else []:
        trial = json.loads(line)
        accuracy = 100.0 * trial["learned_head"]["right"] / trial["learned_head"]["all"]
        rounds.setdefault((trial["study"], trial["cell"]), {})[trial["seed"]] = accuracy
    for value in values:
        trained = [(study.name, cell.name) for study, cell, _ in value.places if (study.name, cell.name) in rounds]
        if not trained or value.reading != "learned_head":
            continue
        theirs = [accuracy for _, accuracy in sorted(rounds[trained[0]].items())]
        against = tests.against_published(value.published, value.statistic, theirs, "fixed")
        if against and len(value.rounds) > 1:
            value.pytorch = InPyTorch(trained[0], theirs, tests.welch(value.rounds, theirs), against[0])
