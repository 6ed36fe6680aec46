"""The headline study in PyTorch, one process a core; prints one JSON object.

ConvNet with weight sharing and auxiliary loss (lambda 0.8), head dropout 0.5, 30 epochs of 10 batches, seed-0 `fixed`
data, the round's number as the seed of its weights, order and masks. The seconds count from the start of this script,
the import of PyTorch included.
"""

import time

STARTED = time.perf_counter()

import argparse  # noqa: E402
import json  # noqa: E402
import multiprocessing  # noqa: E402
import os  # noqa: E402
import platform  # noqa: E402
import statistics  # noqa: E402
import sys  # noqa: E402
from functools import partial  # noqa: E402
from itertools import islice  # noqa: E402
from pathlib import Path  # noqa: E402

import torch  # noqa: E402
from torch import nn  # noqa: E402

from pairs import PairSet, draw, mean_and_std  # noqa: E402
from train_peer import batches  # noqa: E402
from training import NETWORKS, VARIANTS, Variant, build, keep_freed_memory, make_step  # noqa: E402

STEPS = 300  # 30 epochs of 10 batches


def accuracies(model: nn.Module, test: PairSet) -> dict[str, float]:
    """Accuracy on the test pairs, by the learned head and by comparing the two arg-max digits."""
    with torch.no_grad():
        output = model.eval()(test.pair)
    first, second = output.digit_logits.argmax(2).unbind(1)
    answers = {"learned_head": output.leq_logit() > 0, "arg_max_comparison": first <= second}
    return {name: (answer == test.target.bool()).double().mean().item() for name, answer in answers.items()}


def train_round(variant: Variant, train: PairSet, test: PairSet, seed: int) -> dict[str, float]:
    """One round on one thread."""
    torch.manual_seed(seed)
    network = NETWORKS["ws_aux"]
    model = build(network, variant)
    step = make_step(model, network.learning_rate, variant)
    for batch in islice(batches(train), STEPS):
        step(batch)
    return {"seed": seed} | accuracies(model, test)


def start_worker(cores: "multiprocessing.Queue[int]", variant: Variant) -> None:
    """Gives each process a core of its own."""
    os.sched_setaffinity(0, {cores.get()})
    torch.set_num_threads(1)
    if variant.keep_memory:
        keep_freed_memory()


def run(variant: Variant, rounds: int, folder: Path) -> list[dict[str, float]]:
    """All rounds, as many at once as this process may use cores."""
    train, test = draw(folder, NETWORKS["ws_aux"].data_seed)
    mean, std = mean_and_std(train)
    context = multiprocessing.get_context("fork")
    cores = context.Queue()
    available = sorted(os.sched_getaffinity(0))
    for core in available:
        cores.put(core)
    one_round = partial(train_round, variant, train.normalised(mean, std), test.normalised(mean, std))
    with context.Pool(len(available), start_worker, (cores, variant)) as pool:
        return pool.map(one_round, range(rounds), chunksize=1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--variant", choices=VARIANTS, default="tuned")
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--data", type=Path, default=Path("data/mnist"), help="folder of the four gzip IDX files")
    arguments = parser.parse_args()
    if arguments.rounds < 2:
        parser.error("--rounds must be at least 2: one round has no standard deviation")
    torch.set_num_threads(1)
    rounds = run(VARIANTS[arguments.variant], arguments.rounds, arguments.data)
    result = {
        "study": "headline",
        "variant": arguments.variant,
        "variant_options": VARIANTS[arguments.variant]._asdict(),
        "processes": len(os.sched_getaffinity(0)),
        "rounds": rounds,
        "versions": {"torch": torch.__version__, "python": platform.python_version()},
        "command": ["python", *sys.argv],
    }
    for answer in ("learned_head", "arg_max_comparison"):
        values = [one[answer] for one in rounds]
        result[answer] = {"mean": statistics.mean(values), "std": statistics.stdev(values), "n": len(values)}
    result["wall_seconds"] = time.perf_counter() - STARTED
    json.dump(result, sys.stdout)
    print()


if __name__ == "__main__":
    main()
