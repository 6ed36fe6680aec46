"""Prepares one picture with OpenCV, its decoding included, again and again in one process; prints one JSON object.

A picture in MNIST's form is checked, passed through and averaged 2x2. Any other takes the steps that `digits` takes for a digit
alone on smooth paper: shrunk to 1,024 pixels at most, the paper's brightness fitted as a quadratic and taken away, thresholded
(Otsu), the largest component kept, framed in 20 of 28 pixels by its centre of mass, averaged 2x2.

`--reduced` has libjpeg decode a photo at a quarter of its size, the fastest that OpenCV can.
"""

import argparse
import json
import platform
import time
from pathlib import Path

import cv2
import numpy as np

MOST_SIDE = 1024
# Pixels that a fit of the paper looks at, its rounds, Tukey's constant, and the least deviation, of 255.
SAMPLES, ROUNDS, TUKEY, STEP = 4000, 6, 4.685, 1.0
MNIST_SIDE, DIGIT_SIDE, SIDE = 28, 20, 14
# Fraction of full ink above which a pixel of a faint edge belongs to the digit.
FAINT = 0.1


def halved(mnist):
    """`uint8 [28, 28]` to `float32 [14, 14]`, means of 2x2."""
    return cv2.resize(mnist.astype(np.float32), (SIDE, SIDE), interpolation=cv2.INTER_AREA)


def recognised(ink):
    """The image of a picture in MNIST's form, white on black; `None` for any other: see `preparation.py`."""
    _, _, width, height = cv2.boundingRect(ink)
    if not DIGIT_SIDE - 1 <= max(width, height) <= DIGIT_SIDE:
        return None
    moments = cv2.moments(ink)
    centre = (moments["m10"] / moments["m00"], moments["m01"] / moments["m00"])
    if any(abs(at - 14.0) > 0.55 for at in centre) or cv2.minMaxLoc(ink)[1] < 250:
        return None
    return halved(ink)


def design(x, y):
    return np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], axis=1)


def paper(grey):
    """Brightness of the paper: a quadratic, by least squares reweighted by Tukey's biweight; `float32`, `grey`'s shape."""
    height, width = grey.shape
    step = max(1, round((grey.size / SAMPLES) ** 0.5))
    rows, columns = np.linspace(-1, 1, height, dtype=np.float32), np.linspace(-1, 1, width, dtype=np.float32)
    x, y = np.meshgrid(columns[::step], rows[::step])
    terms, values = design(x.ravel(), y.ravel()), grey[::step, ::step].ravel().astype(np.float32)
    terms, values = terms.astype(np.float64), values.astype(np.float64)
    residuals = values - np.median(values)
    for _ in range(ROUNDS):
        reach = TUKEY * max(1.4826 * np.median(np.abs(residuals)), STEP)
        weighted = terms * (np.clip(1 - (residuals / reach) ** 2, 0, None) ** 2)[:, None]
        fit = np.linalg.solve(weighted.T @ terms, weighted.T @ values)
        residuals = values - terms @ fit
    level, right, down, across_bend, twist, down_bend = fit.astype(np.float32)
    across = level + right * columns + across_bend * columns * columns
    return across + (down * rows + down_bend * rows * rows)[:, None] + np.outer(rows, twist * columns)


def ink_of(grey):
    """Contrast with the paper on the side that has more of it: 0 paper, 255 full ink."""
    above = cv2.subtract(grey.astype(np.float32), paper(grey))
    sides = [cv2.threshold(side, 0, 0, cv2.THRESH_TOZERO)[1] for side in (above, -above)]
    ink = max(sides, key=lambda side: cv2.norm(side, cv2.NORM_L2))
    return cv2.convertScaleAbs(ink, alpha=255 / cv2.minMaxLoc(ink)[1])


def framed(ink):
    """The largest component of an ink map as MNIST frames it: `uint8 [28, 28]`."""
    _, mask = cv2.threshold(ink, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    largest = 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA]))
    left, top, width, height, _ = stats[largest]
    part = (slice(top, top + height), slice(left, left + width))
    digit = np.where((labels[part] == largest) | (mask[part] == 0), ink[part], 0)
    _, digit = cv2.threshold(digit, FAINT * 255, 0, cv2.THRESH_TOZERO)
    scale = DIGIT_SIDE / max(width, height)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = cv2.resize(digit, size, interpolation=cv2.INTER_AREA)
    small = cv2.convertScaleAbs(small, alpha=255 / max(1, cv2.minMaxLoc(small)[1]))
    moments = cv2.moments(small)
    mnist = np.zeros((MNIST_SIDE, MNIST_SIDE), np.uint8)
    column = round(14 - moments["m10"] / moments["m00"])
    row = round(14 - moments["m01"] / moments["m00"])
    column, row = np.clip((column, row), 0, (MNIST_SIDE - size[0], MNIST_SIDE - size[1]))
    mnist[row : row + size[1], column : column + size[0]] = small
    return mnist


def prepare(file, reduced):
    """An image file's bytes, `uint8`, to `float32 [14, 14]`, white ink on black, 0..255."""
    grey = cv2.imdecode(file, cv2.IMREAD_REDUCED_GRAYSCALE_4 if reduced else cv2.IMREAD_GRAYSCALE)
    if grey.shape == (MNIST_SIDE, MNIST_SIDE):
        seen = recognised(grey)
        seen = recognised(cv2.bitwise_not(grey)) if seen is None else seen
        if seen is not None:
            return seen
    block = -(-max(grey.shape) // MOST_SIDE)
    if block > 1:
        size = (grey.shape[1] // block, grey.shape[0] // block)
        grey = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
    return halved(framed(ink_of(grey)))


def samples(work, warm_up, runs, seconds, repeats):
    """Milliseconds of one `work()`, a mean of `repeats` each, after as many that do not count."""
    found, total = [], 0.0
    while len(found) < warm_up + runs or total < seconds:
        begin = time.perf_counter()
        for _ in range(repeats):
            work()
        taken = time.perf_counter() - begin
        total += taken if len(found) >= warm_up else 0.0
        found.append(1e3 * taken / repeats)
    return found[warm_up:]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("picture", type=Path)
    parser.add_argument("--reduced", action="store_true")
    parser.add_argument("--repeats", type=int, default=1)
    parser.add_argument("--warm-up", type=int, default=3)
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=2.0)
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    file = np.frombuffer(arguments.picture.read_bytes(), np.uint8)
    times = samples(lambda: prepare(file, arguments.reduced), arguments.warm_up, arguments.runs, arguments.seconds,
                    arguments.repeats)
    versions = {"python": platform.python_version(), "numpy": np.__version__, "opencv": cv2.__version__}
    image = prepare(file, arguments.reduced).ravel().tolist()
    print(json.dumps({"samples_ms": times, "image": image, "versions": versions}))


if __name__ == "__main__":
    main()
