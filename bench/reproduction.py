"""Trains the reports' networks in plain PyTorch, each round a line of a journal: the third column of the results.

Eager mode, one thread a process, the recipes of the cells of `experiments/`: same data, same recipe, PyTorch's own
initial weights, order and masks from the round's number as its seed. A round that stands in the journal is not run again.
"""

import argparse
import json
import multiprocessing
import os
import platform
import subprocess
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor, nn

from networks import ReportB, convnet, mlp
from pairs import PairSet, draw, mean_and_std

BATCH = 100


class Cell(NamedTuple):
    """A cell of a study: its network and how report A or B trains it."""

    build: Callable[[], nn.Module]
    report: str
    rounds: int
    learning_rate: float = 1e-3


CELLS = {
    ("headline", "headline"): Cell(lambda: convnet(True, head_dropout=0.5), "A", 10),
    ("headline", "no-auxiliary-loss"): Cell(lambda: convnet(True, head_dropout=0.5, loss_lambda=None), "A", 10),
    ("headline", "vanilla"): Cell(lambda: convnet(False, head_dropout=0.5), "A", 10),
    ("headline", "mlp-best"): Cell(lambda: mlp(True, loss_lambda=0.9), "A", 10),
    ("headline", "mlp-no-auxiliary-loss"): Cell(lambda: mlp(True, loss_lambda=None), "A", 10),
    ("headline", "mlp-vanilla"): Cell(lambda: mlp(False), "A", 10),
    ("b2-table", "neither"): Cell(lambda: ReportB(0.0, 0.0, False), "B", 20),
    ("b2-table", "weight-sharing"): Cell(lambda: ReportB(0.0, 0.0, True), "B", 20),
    ("b2-table", "auxiliary-loss"): Cell(lambda: ReportB(0.0, 10.0, False), "B", 20),
    ("b2-table", "both"): Cell(lambda: ReportB(0.0, 10.0, True), "B", 20),
    ("b3-dropout", "auxiliary-loss-dropout"): Cell(lambda: ReportB(0.5, 1.0, False), "B", 20, 1e-2),
    ("b3-dropout", "both-dropout"): Cell(lambda: ReportB(0.5, 1.0, True), "B", 20, 1e-2),
}


def right(model: nn.Module, pairs: PairSet) -> dict[str, int]:
    """How many pairs the learned comparison is right on."""
    model.eval()
    with torch.no_grad():
        answers = model(pairs.pair).leq_logit() > 0
    return {"right": int((answers == pairs.target.bool()).sum()), "all": len(pairs.target)}


def train_epoch(model: nn.Module, adam: torch.optim.Adam, train: PairSet, order: Tensor) -> None:
    """One pass in batches of 100."""
    model.train()
    for rows in order.split(BATCH):
        batch = train.take(rows)
        adam.zero_grad()
        model.loss(model(batch.pair), batch.target, batch.digits).backward()
        adam.step()


def train_report_a(cell: Cell, model: nn.Module, train: PairSet) -> int:
    """30 epochs in one order, the last weights; the number of epochs."""
    adam = torch.optim.Adam(model.parameters(), lr=cell.learning_rate)
    order = torch.randperm(len(train.target))
    for _ in range(30):
        train_epoch(model, adam, train, order)
    return 30


def train_report_b(cell: Cell, model: nn.Module, pairs: PairSet) -> int:
    """800 pairs train and 200 validate, split anew; a new order each epoch, a lower rate on a plateau, an early stop."""
    split = torch.randperm(len(pairs.target))
    validation, train = pairs.take(split[:200]), pairs.take(split[200:])
    adam = torch.optim.Adam(model.parameters(), lr=cell.learning_rate)
    plateau = torch.optim.lr_scheduler.ReduceLROnPlateau(adam, factor=0.2, patience=7)
    lowest, waited = float("inf"), 0
    for epoch in range(1, 81):
        train_epoch(model, adam, train, torch.randperm(len(train.target)))
        model.eval()
        with torch.no_grad():
            loss = model.loss(model(validation.pair), validation.target, validation.digits).item()
        plateau.step(loss)
        lowest, waited = (loss, 0) if loss < lowest else (lowest, waited + 1)
        if waited >= 10:
            break
    return epoch


def source_revision() -> str:
    """The commit of this checkout, with `-dirty` behind it where sources are uncommitted; `unknown` where it is none."""
    describe = ["git", "-C", str(Path(__file__).parent), "describe", "--always", "--dirty", "--exclude=*", "--abbrev=12"]
    try:
        return subprocess.run(describe, check=True, capture_output=True, text=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def train_round(data: Path, revision: str, task: tuple[str, str, int]) -> dict[str, object]:
    """One training on the report's own pair sets, and its line of the journal."""
    study, name, seed = task
    cell = CELLS[study, name]
    train, test = draw(data, 0 if cell.report == "A" else 42)
    mean, std = mean_and_std(train) if cell.report == "A" else (0.0, 255.0)
    torch.manual_seed(seed)
    started = time.perf_counter()
    model = cell.build()
    by_report = train_report_a if cell.report == "A" else train_report_b
    epochs = by_report(cell, model, train.normalised(mean, std))
    return {
        "study": study,
        "cell": name,
        "seed": seed,
        "learned_head": right(model, test.normalised(mean, std)),
        "epochs": epochs,
        "seconds": round(time.perf_counter() - started, 3),
        "versions": {"leq": revision, "torch": torch.__version__, "python": platform.python_version()},
    }


def finished(journal: Path) -> set[tuple[str, str, int]]:
    """The rounds that stand in the journal; a last line cut short is taken off."""
    if not journal.exists():
        return set()
    whole = journal.read_bytes().rpartition(b"\n")
    if whole[2]:
        journal.write_bytes(whole[0] + whole[1])
    lines = map(json.loads, whole[0].splitlines())
    return {(line["study"], line["cell"], line["seed"]) for line in lines}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--journal", type=Path, default=Path("results/pytorch/journal.jsonl"))
    parser.add_argument("--data", type=Path, default=Path("data/mnist"), help="folder of the four gzip IDX files")
    parser.add_argument("--jobs", type=int, default=len(os.sched_getaffinity(0)), help="rounds at a time")
    arguments = parser.parse_args()
    if arguments.jobs < 1:
        parser.error("--jobs must be at least 1")
    arguments.journal.parent.mkdir(parents=True, exist_ok=True)
    done = finished(arguments.journal)
    every = [(*names, seed) for names, cell in CELLS.items() for seed in range(cell.rounds)]
    tasks = [task for task in every if task not in done]
    revision = source_revision()
    print(f"{len(done)} rounds are in {arguments.journal}, {len(tasks)} are left")
    with (
        multiprocessing.get_context("spawn").Pool(arguments.jobs, torch.set_num_threads, (1,)) as pool,
        arguments.journal.open("a") as journal,
    ):
        for line in pool.imap(partial(train_round, arguments.data, revision), tasks):
            journal.write(json.dumps(line) + "\n")
            journal.flush()
            os.fsync(journal.fileno())
            print(line["study"], line["cell"], line["seed"], line["learned_head"]["right"], flush=True)


if __name__ == "__main__":
    main()
