"""Measures the float32 matrix product on one thread, the fastest of several sizes; prints one JSON object."""

import json
import platform
import sys
import time

import torch

SIZES = (256, 384, 512, 768, 1024, 1536, 2048)
SECONDS = 2.0  # for each size


def best_gflops(size: int) -> float:
    """The fastest of all products of two square matrices within the time, after a first one that is not counted."""
    a, b = torch.randn(2, size, size)
    out = torch.mm(a, b)
    best = float("inf")
    end = time.perf_counter() + SECONDS
    while time.perf_counter() < end:
        start = time.perf_counter()
        torch.mm(a, b, out=out)
        best = min(best, time.perf_counter() - start)
    return 2 * size**3 / best / 1e9


def main() -> None:
    torch.set_num_threads(1)
    torch.manual_seed(0)
    sizes = {size: best_gflops(size) for size in SIZES}
    result = {
        "gflops": max(sizes.values()),
        "gflops_by_size": sizes,
        "versions": {"torch": torch.__version__, "python": platform.python_version()},
        "command": ["python", *sys.argv],
    }
    json.dump(result, sys.stdout)
    print()


if __name__ == "__main__":
    main()
