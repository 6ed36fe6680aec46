"""Trained parameters of a network of report B, from its configuration."""

import json


def count(config: str) -> int:
    network = json.loads(config)["network"]
    sides = 2 if network["arrangement"] == "separate" else 1
    tower, features = stack(network["tower"], (1, 14))
    digits, classes = stack(network["digit_head"], features)
    head = network["leq_head"]["features_and_digits"]
    compared, joined = stack(head["features"], 2 * features)
    return sides * (tower + digits) + compared + stack(head["joined"], joined + 2 * classes)[0]


def stack(layers: list, shape) -> tuple[int, object]:
    """Parameters of a stack of layers, and the shape of what it gives: channels and side, or a number of features."""
    parameters = 0
    for layer in layers:
        if layer == "flatten":
            shape = shape[0] * shape[1] ** 2
        elif "conv" in layer:
            conv = layer["conv"]
            channels, side = shape
            parameters += conv["channels"] * (channels * conv["kernel"] ** 2 + 1)
            shape = conv["channels"], (side + 2 * conv["padding"] - conv["kernel"] + 1) // conv["pool"]
        elif "linear" in layer:
            features = layer["linear"]["features"]
            parameters += features * (shape + 1)
            shape = features
    return parameters, shape
