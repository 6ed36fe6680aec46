"""Multiply-adds of a network for one image, from its configuration."""

import json
from math import prod

SIDE = 14


def of_an_image(config: str) -> int:
    """Those of tower and digit head; of both images of a pair where a tower sees them stacked."""
    network = json.loads(config)["network"]
    channels = 2 if network["arrangement"] == "stacked" else 1
    tower, features = stack(network["tower"], (SIDE, SIDE, channels))
    reads_digits = network["auxiliary"] or "features_and_digits" in network["leq_head"] or network["leq_head"] == "digit_posteriors"
    return tower + (stack(network["digit_head"], features)[0] if reads_digits else 0)


def stack(layers: list, shape: tuple) -> tuple[int, tuple]:
    """Multiply-adds of layers one after the other, and the shape of what they give: height, width and channels, or features."""
    total = 0
    for entry in layers:
        added, shape = layer(entry, shape)
        total += added
    return total, shape


def layer(entry, shape: tuple) -> tuple[int, tuple]:
    if entry == "flatten":
        return 0, (prod(shape),)
    if entry == "global_mean":
        return 0, shape[2:]
    [(kind, settings)] = entry.items()
    if kind == "conv":
        rows, columns = positions(settings, shape)
        channels, pool = settings["channels"], settings["pool"]
        products = rows * columns * channels * shape[2] * settings["kernel"] ** 2
        return products, (rows // pool, columns // pool, channels)
    if kind == "depthwise":
        rows, columns = positions(settings, shape)
        return rows * columns * shape[2] * settings["kernel"] ** 2, (rows, columns, shape[2])
    if kind == "residual":
        return stack(settings["layers"], shape)
    if kind == "squeeze_excitation":
        return 2 * settings["features"] * shape[2], shape
    if kind == "linear":
        return shape[0] * settings["features"], (settings["features"],)
    return 0, shape


def positions(settings: dict, shape: tuple) -> list[int]:
    """Rows and columns of a convolution before pooling."""
    kernel, padding, stride = settings["kernel"], settings["padding"], settings.get("stride", 1)
    return [(side + 2 * padding - kernel) // stride + 1 for side in shape[:2]]
