"""Answers many pairs with Pillow, NumPy and onnxruntime: one process per core, batches of 64 pairs.

Reads `left,right` from a CSV file, paths from its folder, writes CSV, prints one JSON object.
"""

import argparse
import csv
import json
import multiprocessing
import os
import resource
import time
from pathlib import Path

import numpy as np
import onnxruntime
from PIL import Image

from preparation import prepare

BATCH = 64


def start(model, root):
    """Once a process: one thread, as many processes as cores."""
    global session, folder, tells_no_digit
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    folder = root
    tells_no_digit = any(output.name == "no_digit" for output in session.get_outputs())


def read(name):
    with Image.open(os.path.join(folder, name)) as image:
        return prepare(np.asarray(image.convert("L")))


def answer(rows):
    pairs = np.stack([np.stack([read(left), read(right)]) for left, right in rows])
    names = ["p_leq", "digit_probs"] + (["no_digit"] if tells_no_digit else [])
    p_leq, digit_probs, *no_digit = session.run(names, {"pair": pairs})
    digits = digit_probs.argmax(axis=2)
    chances = digit_probs.max(axis=2)
    refused = no_digit[0].max(axis=1) >= 0.5 if no_digit else [False] * len(rows)
    return [
        (left, right, "" if none else int(p >= 0.5), float(p), int(d[0]), float(c[0]), int(d[1]), float(c[1]))
        for (left, right), p, d, c, none in zip(rows, p_leq, digits, chances, refused)
    ]


def chunks(path):
    with open(path, newline="") as file:
        rows = []
        for row in csv.DictReader(file):
            rows.append((row["left"], row["right"]))
            if len(rows) == BATCH:
                yield rows
                rows = []
        if rows:
            yield rows


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pairs", type=Path)
    parser.add_argument("--model", required=True)
    parser.add_argument("--output", required=True)
    arguments = parser.parse_args()
    cores = len(os.sched_getaffinity(0))
    begin = time.perf_counter()
    count = 0
    with multiprocessing.Pool(cores, start, (arguments.model, str(arguments.pairs.parent))) as pool:
        with open(arguments.output, "w", newline="") as file:
            writer = csv.writer(file)
            head = ["row", "left", "right", "leq", "p_leq"]
            writer.writerow(head + ["left_digit", "left_probability", "right_digit", "right_probability"])
            for answers in pool.imap(answer, chunks(arguments.pairs)):
                for row in answers:
                    count += 1
                    writer.writerow((count, *row))
    seconds = time.perf_counter() - begin
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    peak += cores * resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    print(json.dumps({"pairs": count, "seconds": seconds, "processes": cores, "peak_rss_mb": peak * 1024 / 1e6,
                      "versions": {"numpy": np.__version__, "onnxruntime": onnxruntime.__version__}}))


if __name__ == "__main__":
    main()
