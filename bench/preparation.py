"""What `digits::prepare` does with a picture in MNIST's form, in NumPy: checked, passed through, averaged 2x2.

The benchmark's pictures are MNIST's digits as PNG files, all of them in that form; another picture is an error here, so
that both sides do the same work on the same pictures.
"""

import numpy as np

INDEX = np.arange(28, dtype=np.float32)


def recognise(ink):
    """The box of 19 or 20 pixels, the centre of mass at index 14 within 0.55, a full pixel: else `None`."""
    inked = ink > 0
    columns = np.flatnonzero(inked.any(axis=0))
    rows = np.flatnonzero(inked.any(axis=1))
    if columns.size == 0:
        return None
    longer = max(columns[-1] - columns[0], rows[-1] - rows[0]) + 1
    values = ink.astype(np.float32)
    mass = values.sum()
    centre = (values.sum(axis=0) @ INDEX / mass, values.sum(axis=1) @ INDEX / mass)
    centred = all(abs(at - 14.0) <= 0.55 for at in centre)
    if not (19 <= longer <= 20 and centred and ink.max() >= 250):
        return None
    return values.reshape(14, 2, 14, 2).mean(axis=(1, 3))


def prepare(grey):
    """`uint8 [28, 28]` to `float32 [14, 14]`, white ink on black."""
    if grey.shape != (28, 28):
        raise ValueError(f"a picture of {grey.shape} is not in MNIST's form")
    seen = recognise(grey)
    if seen is None:
        seen = recognise(255 - grey)
    if seen is None:
        raise ValueError("a picture is not in MNIST's form")
    return seen
