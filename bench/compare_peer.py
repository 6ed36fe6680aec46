"""Compares two PNG files in one process and prints the verdict."""

import sys

import numpy as np
import onnxruntime
from PIL import Image

from preparation import prepare


def main():
    model, first, second = sys.argv[1:]
    pair = np.stack([prepare(np.asarray(Image.open(name).convert("L"))) for name in (first, second)])
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    p_leq, digit_probs = session.run(["p_leq", "digit_probs"], {"pair": pair[None]})
    digits = digit_probs[0].argmax(axis=1)
    relation = "<=" if p_leq[0] >= 0.5 else ">"
    print(f"{digits[0]} {relation} {digits[1]}, {100 * max(p_leq[0], 1 - p_leq[0]):.1f} % sure")


if __name__ == "__main__":
    main()
