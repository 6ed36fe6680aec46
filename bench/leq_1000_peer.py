"""Measures PyTorch's training step of leq-1000 on one thread and prints one JSON object, as train_peer.py does.

The caller pins the process to a core.
"""

import argparse
import itertools
import json
import platform
import sys
from pathlib import Path

import torch
from torch import Tensor

from leq_1000 import Trainer
from pairs import draw, mean_and_std
from train_peer import SEED, measure, peak_rss_mb

BATCH = 100  # digits
VARIANTS = {"eager": (False, False), "channels_last": (True, False), "compile": (False, True)}


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--network", choices=["leq_1000"], required=True)
    parser.add_argument("--variant", choices=VARIANTS, required=True)
    parser.add_argument("--steps", type=int, default=300, help="measured steps, at least 300 for a published figure")
    parser.add_argument("--warm-up", type=int, default=30, help="steps before, which compile and fill caches")
    parser.add_argument("--data", type=Path, default=Path("data/mnist"), help="folder of the four gzip IDX files")
    return parser.parse_args()


def main() -> None:
    arguments = options()
    import_rss = peak_rss_mb()
    torch.set_num_threads(1)
    torch.manual_seed(SEED)
    train, _ = draw(arguments.data, SEED)
    images, digits = train.pair.view(-1, 1, 14, 14), train.digits.flatten()
    data_rss = peak_rss_mb()
    channels_last, compiled = VARIANTS[arguments.variant]
    trainer = Trainer(*mean_and_std(train), channels_last, compiled)
    fetched = itertools.cycle(torch.randperm(len(digits)).split(BATCH))

    def step(rows: Tensor) -> Tensor:
        return trainer.step(images[rows], digits[rows])

    _, _, warm_up_losses = measure(step, fetched, arguments.warm_up)
    cpu, wall, losses = measure(step, fetched, arguments.steps)
    every_loss = torch.stack(warm_up_losses + losses).tolist()
    result = {
        "network": arguments.network,
        "variant": arguments.variant,
        "batch": BATCH,
        "warm_up_steps": arguments.warm_up,
        "import_rss_mb": import_rss,
        "parameters": sum(parameter.numel() for parameter in trainer.model.parameters()),
        "cpu_ms": cpu,
        "wall_ms": wall,
        "first_losses": every_loss[:10],
        "last_losses": every_loss[-10:],
        "data_rss_mb": data_rss,
        "peak_rss_mb": peak_rss_mb(),
        "versions": {"torch": torch.__version__, "python": platform.python_version()},
        "command": ["python", *sys.argv],
    }
    json.dump(result, sys.stdout)
    print()


if __name__ == "__main__":
    main()
