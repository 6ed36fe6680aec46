"""MNIST's files, checked, as NumPy arrays."""

import gzip
import hashlib
from pathlib import Path

import numpy as np


def read_idx(path: Path) -> np.ndarray:
    """A gzip IDX file of unsigned bytes, in its own shape; its checksum must be listed in the folder's SHA256SUMS."""
    if hashlib.sha256(path.read_bytes()).hexdigest() not in (path.parent / "SHA256SUMS").read_text():
        raise ValueError(f"{path}: its SHA-256 is not in {path.parent / 'SHA256SUMS'}: fetch the file again")
    with gzip.open(path) as file:
        magic = file.read(4)
        if magic[:3] != b"\0\0\x08":
            raise ValueError(f"{path}: not an IDX file of unsigned bytes")
        values = np.empty([int.from_bytes(file.read(4), "big") for _ in range(magic[3])], np.uint8)
        if file.readinto(values.reshape(-1).data) != values.size:
            raise ValueError(f"{path}: shorter than its header says")
    return values


def read_split(folder: Path, split: str) -> tuple[np.ndarray, np.ndarray]:
    """Images [n, 28, 28] and labels [n] of `train` or `t10k`, unsigned bytes."""
    return (
        read_idx(folder / f"{split}-images-idx3-ubyte.gz"),
        read_idx(folder / f"{split}-labels-idx1-ubyte.gz"),
    )


def averaged(images: np.ndarray) -> np.ndarray:
    """Images [n, 28, 28] as float32 [n, 14, 14], averaged 2x2 without rounding."""
    return images.reshape(-1, 14, 2, 14, 2).astype(np.float32).mean(axis=(2, 4))
