"""MNIST's digits as PNG files, and lists of pairs of them: `pairs-10000.csv` and `pairs-100000.csv`, labelled.

    .setup/peer-infer/bin/python bench/mnist_pngs.py --data data/mnist --out runs/bench-infer/pngs

Every digit of both splits that is in MNIST's usual form is a file (see `preparation.py`), so that both sides of the
benchmark take the same way; pairs are drawn with a fixed seed.
"""

import argparse
from pathlib import Path

import numpy as np
from PIL import Image

from mnist import read_split
from preparation import recognise

SEED = 20_261_122


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    parts = [read_split(arguments.data, name) for name in ("train", "t10k")]
    images = np.concatenate([images for images, _ in parts])
    labels = np.concatenate([labels for _, labels in parts])
    usual = [number for number, image in enumerate(images) if recognise(image) is not None]
    images, labels = images[usual], labels[usual]
    names = [f"{number // 1000:02}/{number:05}.png" for number in range(len(images))]
    for name, image in zip(names, images):
        path = arguments.out / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).save(path)
    random = np.random.default_rng(SEED)
    for count in (10_000, 100_000):
        chosen = random.integers(len(images), size=(count, 2))
        lines = ["left,right,left_digit,right_digit"]
        lines += [f"{names[a]},{names[b]},{labels[a]},{labels[b]}" for a, b in chosen]
        (arguments.out / f"pairs-{count}.csv").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
