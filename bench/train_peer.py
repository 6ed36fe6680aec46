"""Measures PyTorch's training step on one thread and prints one JSON object.

The caller pins the process to a core, or asks for it with --core.
"""

import argparse
import itertools
import json
import os
import platform
import resource
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import torch
from torch import Tensor

from pairs import PairSet, draw, mean_and_std
from training import NETWORKS, VARIANTS, Step, build, keep_freed_memory, make_step

BATCH = 100
SEED = 0


def training_set(network: str, folder: Path) -> PairSet:
    """1,000 pairs, normalised once as the network's report does it."""
    train, _ = draw(folder, NETWORKS[network].data_seed)
    return train.normalised(0.0, 255.0) if network == "report_b" else train.normalised(*mean_and_std(train))


def batches(train: PairSet) -> Iterator[PairSet]:
    """Batches without end, fetched by index; one shuffle, every epoch in the same order."""
    for rows in itertools.cycle(torch.randperm(len(train.target)).split(BATCH)):
        yield train.take(rows)


def measure(step: Step, fetched: Iterator[PairSet], steps: int) -> tuple[list[float], list[float], list[Tensor]]:
    """CPU ms, wall ms and loss of each step, its batch fetch included."""
    cpu, wall, losses = [], [], []
    for _ in range(steps):
        wall_start, cpu_start = time.perf_counter_ns(), time.process_time_ns()
        losses.append(step(next(fetched)))
        cpu.append((time.process_time_ns() - cpu_start) / 1e6)
        wall.append((time.perf_counter_ns() - wall_start) / 1e6)
    return cpu, wall, losses


def peak_rss_mb() -> float:
    """This process's peak resident memory so far, in MB of 10^6 bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--network", choices=NETWORKS, required=True)
    parser.add_argument("--variant", choices=VARIANTS, required=True)
    parser.add_argument("--steps", type=int, default=300, help="measured steps, at least 300 for a published figure")
    parser.add_argument("--warm-up", type=int, default=30, help="steps before, which compile and fill caches")
    parser.add_argument("--core", type=int, help="pin the process to this core")
    parser.add_argument("--data", type=Path, default=Path("data/mnist"), help="folder of the four gzip IDX files")
    arguments = parser.parse_args()
    if arguments.steps < 1:
        parser.error("--steps must be at least 1")
    return arguments


def train_and_measure(arguments: argparse.Namespace) -> dict[str, object]:
    """Warms up, measures, and gives the samples with the losses that show that the network learns."""
    network, variant = NETWORKS[arguments.network], VARIANTS[arguments.variant]
    train = training_set(arguments.network, arguments.data)
    data_rss = peak_rss_mb()
    torch.manual_seed(SEED)
    model = build(network, variant)
    fetched = batches(train)
    step = make_step(model, network.learning_rate, variant)
    _, _, warm_up_losses = measure(step, fetched, arguments.warm_up)
    cpu, wall, losses = measure(step, fetched, arguments.steps)
    every_loss = torch.stack(warm_up_losses + losses).tolist()
    return {
        "parameters": sum(parameter.numel() for parameter in model.parameters()),
        "cpu_ms": cpu,
        "wall_ms": wall,
        "first_losses": every_loss[:10],
        "last_losses": every_loss[-10:],
        "data_rss_mb": data_rss,
        "peak_rss_mb": peak_rss_mb(),
    }


def main() -> None:
    arguments = options()
    import_rss = peak_rss_mb()
    if arguments.core is not None:
        os.sched_setaffinity(0, {arguments.core})
    torch.set_num_threads(1)
    variant = VARIANTS[arguments.variant]
    if variant.keep_memory:
        keep_freed_memory()
    result = {
        "network": arguments.network,
        "variant": arguments.variant,
        "variant_options": variant._asdict(),
        "batch": BATCH,
        "warm_up_steps": arguments.warm_up,
        "import_rss_mb": import_rss,
        **train_and_measure(arguments),
        "versions": {"torch": torch.__version__, "python": platform.python_version()},
        "command": ["python", *sys.argv],
    }
    json.dump(result, sys.stdout)
    print()


if __name__ == "__main__":
    main()
