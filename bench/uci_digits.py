"""scikit-learn's 1,797 UCI digits as PNG pictures, dark ink on white paper, and `pairs.csv`, a labelled list of disjoint pairs.

    .setup/hands/bin/python bench/uci_digits.py --out runs/bench-hands/pictures

The digits are the test set of "Optical Recognition of Handwritten Digits" (E. Alpaydin, C. Kaynak, UCI Machine Learning
Repository, CC BY 4.0): 8x8 pixels, ink 0..16. scikit-learn brings them along, so nothing is downloaded.
"""

import argparse
from pathlib import Path

import numpy as np
from PIL import Image
from sklearn.datasets import load_digits

SEED = 20_261_126
MOST_INK = 16
# White cells around the digit's 8x8, and pixels of a cell.
MARGIN, ENLARGED = 2, 8


def picture(ink):
    """Ink 0..16 [8, 8] to a grey picture of 96x96."""
    cells = np.pad(255 * (1 - ink / MOST_INK), MARGIN, constant_values=255)
    side = ENLARGED * len(cells)
    return Image.fromarray(np.round(cells).astype(np.uint8)).resize((side, side), Image.Resampling.BICUBIC)


def disjoint_pairs(count):
    """Indices [count // 2, 2], each below `count` at most once."""
    return np.random.default_rng(SEED).permutation(count)[: count // 2 * 2].reshape(-1, 2)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--pairs", type=int, help="the first N pairs only")
    arguments = parser.parse_args()
    digits = load_digits()
    arguments.out.mkdir(parents=True, exist_ok=True)
    lines = ["left,right,left_digit,right_digit"]
    for pair in disjoint_pairs(len(digits.target))[: arguments.pairs]:
        names = [f"{index:04}.png" for index in pair]
        for name, index in zip(names, pair):
            picture(digits.images[index]).save(arguments.out / name)
        lines.append(",".join([*names, *(str(digits.target[index]) for index in pair)]))
    (arguments.out / "pairs.csv").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
