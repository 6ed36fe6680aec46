"""Times inference with ONNX Runtime from Python; prints one JSON object with every sample in milliseconds."""

import argparse
import json
import time
from pathlib import Path

import numpy as np
import onnxruntime

from mnist import averaged, read_split


def test_pairs(folder, count):
    """The first `count` of 5,000 disjoint pairs of MNIST's test split, again from the start beyond."""
    small = averaged(read_split(Path(folder), "t10k")[0])
    pairs = np.stack([small[:5000], small[5000:]], axis=1)
    return np.ascontiguousarray(pairs[np.arange(count) % 5000])


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", required=True)
    parser.add_argument("--data", required=True)
    parser.add_argument("--batch", type=int, required=True)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--warm-up", type=int, default=10)
    parser.add_argument("--runs", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=2.0)
    arguments = parser.parse_args()
    pairs = test_pairs(arguments.data, arguments.batch)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = arguments.threads
    options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(arguments.model, options, providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    for _ in range(1 + arguments.warm_up):
        session.run(names, {"pair": pairs})
    samples = []
    total = 0.0
    while len(samples) < arguments.runs or total < arguments.seconds:
        begin = time.perf_counter()
        session.run(names, {"pair": pairs})
        taken = time.perf_counter() - begin
        total += taken
        samples.append(1e3 * taken)
    print(json.dumps({"batch": arguments.batch, "threads": arguments.threads, "samples_ms": samples,
                      "versions": {"numpy": np.__version__, "onnxruntime": onnxruntime.__version__}}))


if __name__ == "__main__":
    main()
