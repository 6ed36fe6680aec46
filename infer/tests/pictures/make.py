"""Writes the pictures of this folder: kinds of files that cameras, scanners and drawing programs make. MNIST's first test
digit, a 7, and its eighth, a 9 (which upside down would be a 6).

    .setup/peer-infer/bin/python infer/tests/pictures/make.py
"""

import gzip
from pathlib import Path

import numpy as np
from PIL import Image

HERE = Path(__file__).parent
DATA = HERE.parents[2] / "data/mnist/t10k-images-idx3-ubyte.gz"
DIGITS = np.frombuffer(gzip.decompress(DATA.read_bytes())[16:], np.uint8).reshape(-1, 28, 28)


def paper(number):
    """A digit in dark ink on white paper, 112x112, with a margin."""
    ink = Image.fromarray(DIGITS[number]).resize((84, 84), Image.BICUBIC)
    page = Image.new("L", (112, 112), 255)
    page.paste(Image.eval(ink, lambda value: 255 - value), (14, 14))
    return page


def blue_on_nothing(number):
    """Blue ink on transparent paper, as drawing programs save it."""
    page = Image.new("RGBA", (112, 112), (0, 0, 0, 0))
    ink = Image.new("RGBA", page.size, (40, 70, 200, 255))
    page.paste(ink, mask=Image.eval(paper(number), lambda value: 255 - value))
    return page


def main():
    seven, nine = paper(0), paper(7)
    seven.convert("CMYK").save(HERE / "seven-cmyk.jpg", quality=85)
    seven.quantize(16).save(HERE / "seven-palette.png")
    seven.point(lambda value: 255 * (value > 128)).convert("1").save(HERE / "seven-two-colours.png")
    blue_on_nothing(0).save(HERE / "seven-transparent.png")
    seven.crop((35, 14, 77, 98)).save(HERE / "seven-tight.png")
    exif = Image.Exif()
    exif[0x0112] = 3
    nine.rotate(180).save(HERE / "nine-upside-down.jpg", quality=85, exif=exif)


if __name__ == "__main__":
    main()
