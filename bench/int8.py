"""Compares accuracy, speed and size of an 8-bit quantised network with the original.

Static quantisation by ONNX Runtime (QDQ, 8 bits, weights by channel), calibrated on training pairs; convolutions and linear
layers alone, the comparison stays in float. Writes summary.json and README.md. `infer verify` says how far apart two engines
are about the twin; `--keep` keeps it.

    .setup/peer-infer/bin/python bench/int8.py --model models/leq.onnx --data data/mnist --infer target/release/infer \\
        --keep leq-int8.onnx --out results/int8
"""

import argparse
import json
import math
import os
import shutil
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import numpy_helper
from onnxruntime.quantization import CalibrationDataReader, CalibrationMethod, QuantFormat, QuantType, quantize_static

from mnist import averaged, read_split

CALIBRATION_PAIRS = 1000
BATCHES = (1, 64, 1000)
ROUNDS = 15
SECONDS = 0.4
# Points of accuracy that a twin may cost, and how much faster it must be.
MOST_LOST, LEAST_FASTER = 0.05, 1.5
# Largest difference of a probability between engines that `infer verify` allows a file of models/.
TOLERANCE = 1e-4


class TrainingPairs(CalibrationDataReader):
    """Pairs of training images, 50 at once, for the ranges of activations."""

    def __init__(self, pairs):
        self.batches = iter(np.split(pairs, len(pairs) // 50))

    def get_next(self):
        batch = next(self.batches, None)
        return None if batch is None else {"pair": batch}


def split(folder, name):
    """14x14 images and labels."""
    images, labels = read_split(folder, name)
    return averaged(images), labels


def disjoint(images, labels, count):
    """Image i beside image i + count, and whether the first digit is <= the second."""
    pairs = np.stack([images[:count], images[count : 2 * count]], axis=1)
    return np.ascontiguousarray(pairs), labels[:count] <= labels[count : 2 * count]


def with_float_weights(model):
    """Weights stored in 8 bits (Cast, Sub, Mul) become the float weights that they stand for."""
    constants = {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
    steps = {"Cast": lambda of: of.astype(np.float32), "Sub": np.subtract, "Mul": np.multiply}
    kept = []
    for node in model.graph.node:
        if node.op_type in steps and all(name in constants for name in node.input):
            constants[node.output[0]] = steps[node.op_type](*(constants[name] for name in node.input))
        else:
            kept.append(node)
    used = {name for node in kept for name in node.input}
    del model.graph.node[:], model.graph.initializer[:]
    model.graph.node.extend(kept)
    named = ((name, values) for name, values in constants.items() if name in used)
    model.graph.initializer.extend(numpy_helper.from_array(values, name) for name, values in named)
    return model


def session(path):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def answers(network, pairs):
    parts = [network.run(["p_leq"], {"pair": part})[0] for part in np.array_split(pairs, len(pairs) // 250)]
    return np.concatenate(parts) >= 0.5


def medians(networks, pairs):
    """Milliseconds of a run, a median each round, the networks in turn."""
    found = {name: [] for name in networks}
    for _ in range(ROUNDS):
        for name, network in networks.items():
            samples, begin = [], time.perf_counter()
            while time.perf_counter() - begin < SECONDS or len(samples) < 3:
                start = time.perf_counter()
                network.run(["p_leq", "digit_probs"], {"pair": pairs})
                samples.append(1e3 * (time.perf_counter() - start))
            found[name].append(statistics.median(samples[1:]))
    return found


def wilson(right, count):
    """95 % confidence interval of an accuracy, in percent."""
    z, share = 1.959964, right / count
    middle = (share + z * z / (2 * count)) / (1 + z * z / count)
    half = z * math.sqrt(share * (1 - share) / count + z * z / (4 * count * count)) / (1 + z * z / count)
    return [100 * (middle - half), 100 * (middle + half)]


def row(what, value, unit, n, deviation, interval, protocol):
    return {"what": what, "value": value, "unit": unit, "n": n, "deviation": deviation, "interval": interval,
            "protocol": protocol}


def accuracy_rows(networks, training, test):
    said = {name: answers(network, test[0]) for name, network in networks.items()}
    rows = []
    for name, answered in said.items():
        right, count = int((answered == test[1]).sum()), len(answered)
        percent = 100 * right / count
        rows.append(row(f"accuracy/{name}", percent, "%", count, math.sqrt(percent * (100 - percent)),
                        wilson(right, count), "5,000 disjoint pairs of MNIST's test split; reported, not chosen by"))
    on_training = {name: answers(network, training[0]) for name, network in networks.items()}
    for name, answered in on_training.items():
        right, count = int((answered == training[1]).sum()), len(answered)
        percent = 100 * right / count
        rows.append(row(f"training_accuracy/{name}", percent, "%", count, math.sqrt(percent * (100 - percent)),
                        wilson(right, count), "5,000 pairs of training images beyond those of the calibration"))
    return rows


def speed_rows(networks, pairs):
    rows = []
    for batch in BATCHES:
        found = medians(networks, pairs[:batch])
        for name, samples in found.items():
            rows.append(row(f"inference_ms/{batch}/{name}", statistics.median(samples), "ms", ROUNDS,
                            statistics.stdev(samples), [min(samples), max(samples)],
                            "median of rounds, one thread, in turn; interval from least to most"))
        ratios = [base / twin for base, twin in zip(found["float"], found["int8"])]
        rows.append(row(f"speedup/{batch}", statistics.median(ratios), "times faster", ROUNDS, statistics.stdev(ratios),
                        [min(ratios), max(ratios)], "float over int8, a ratio each round; interval from least to most"))
    return rows


def engine_rows(infer, files):
    """Largest difference between ONNX Runtime and another engine that computes the file, from `infer verify`."""
    rows = []
    for name, path in files.items():
        library = next(Path(onnxruntime.__file__).parent.glob("capi/libonnxruntime.so*"))
        environment = os.environ | {"ORT_DYLIB_PATH": str(library)}
        told = subprocess.run([infer, "verify", "--json", path], env=environment, capture_output=True, text=True)
        found = max(map(json.loads, told.stdout.splitlines()), key=lambda engine: engine["p_leq"])
        apart = found["p_leq"]
        rows.append(row(f"engines_apart/{name}", apart, "of p_leq", found["pairs"], 0, [apart, apart],
                        "largest difference of ONNX Runtime and another engine over 5,000 disjoint test pairs"))
        rows.append(row(f"engines_differ/{name}", found["decisions_that_differ"], "decisions", found["pairs"], 0,
                        [found["decisions_that_differ"]] * 2, "of the same pairs"))
    return rows


def page(rows, model, verdict):
    """Markdown."""
    head = (f"# An 8-bit twin of {model}\n\nWritten by `bench/int8.py`, whose head says how to run it; ONNX Runtime "
            f"{onnxruntime.__version__}, one thread. Weights and activations of convolutions and linear layers in 8 bits, "
            f"ranges from {CALIBRATION_PAIRS:,} training pairs. It is shipped if, on training pairs, it loses at most "
            f"{MOST_LOST} points, is at least {LEAST_FASTER} times faster one pair at a time and 64 at once, and two engines "
            f"agree about it within {TOLERANCE:g}, as about every file of `models/`.\n\n{verdict}\n\n")
    table = "| what | value | unit | n | standard deviation | from | to |\n|---|---:|---|---:|---:|---:|---:|\n"
    for it in rows:
        low, high = it["interval"]
        table += (f"| {it['what']} | {it['value']:.4g} | {it['unit']} | {it['n']} | {it['deviation']:.2g} | {low:.4g} | "
                  f"{high:.4g} |\n")
    return head + table


def decide(value):
    """The verdict of the rule as a sentence."""
    lost = value["training_accuracy/float"] - value["training_accuracy/int8"]
    faster = min(value["speedup/1"], value["speedup/64"])
    apart = value["engines_apart/int8"]
    held = [
        (lost <= MOST_LOST, f"it loses {lost:.2f} points"),
        (faster >= LEAST_FASTER, f"it is {faster:.2f} times faster"),
        (apart <= TOLERANCE, f"engines are {apart:.1e} apart"),
    ]
    words = "; ".join(f"{text} ({'held' if holds else 'not held'})" for holds, text in held)
    return f"**{'Shipped' if all(holds for holds, _ in held) else 'Not shipped'}**: {words}."


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--infer", required=True)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    images, labels = split(arguments.data, "train")
    calibration, _ = disjoint(images, labels, CALIBRATION_PAIRS)
    training = disjoint(images[2 * CALIBRATION_PAIRS :], labels[2 * CALIBRATION_PAIRS :], 5000)
    test = disjoint(*split(arguments.data, "t10k"), 5000)
    with tempfile.TemporaryDirectory() as folder:
        base, twin = f"{folder}/float.onnx", f"{folder}/int8.onnx"
        onnx.save(with_float_weights(onnx.load(arguments.model)), base)
        quantize_static(base, twin, TrainingPairs(calibration), quant_format=QuantFormat.QDQ, per_channel=True,
                        activation_type=QuantType.QUInt8, weight_type=QuantType.QInt8,
                        op_types_to_quantize=["Conv", "Gemm"], calibrate_method=CalibrationMethod.MinMax)
        networks = {"float": session(base), "int8": session(twin)}
        sizes = {"shipped": arguments.model.stat().st_size, "int8": Path(twin).stat().st_size}
        rows = accuracy_rows(networks, training, test) + speed_rows(networks, test[0])
        rows += engine_rows(arguments.infer, {"float": base, "int8": twin})
        if arguments.keep:
            shutil.copy(twin, arguments.keep)
    for name, size in sizes.items():
        rows.append(row(f"bytes/{name}", size, "bytes", 1, 0, [size, size], "the ONNX file"))
    verdict = decide({it["what"]: it["value"] for it in rows})
    arguments.out.mkdir(parents=True, exist_ok=True)
    (arguments.out / "summary.json").write_text(json.dumps(rows, indent=2) + "\n")
    text = page(rows, arguments.model, verdict)
    (arguments.out / "README.md").write_text(text)
    print(text)


if __name__ == "__main__":
    main()
