"""Writes PyTorch's debug states: weights, logits, gradients and losses that our trainer must follow."""

import argparse
import copy
import json
import os
import shlex
import sys
from collections.abc import Callable
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import save
from torch import Tensor, nn

from networks import ReportB, convnet, mlp
from pairs import PairSet, draw, mean_and_std

PAIRS = 8
STEPS = 10
SEED = 0

NETWORKS: dict[str, Callable[[], nn.Module]] = {
    "convnet-ws-aux": lambda: convnet(sharing=True),
    "convnet-ws-aux-sigmoid": lambda: convnet(sharing=True, activation=torch.sigmoid),
    "convnet-vanilla-batchnorm": lambda: convnet(sharing=False, norm=True),
    "mlp-selu": lambda: mlp(sharing=False, activation=F.selu),
    "mlp-ws-aux-tanh": lambda: mlp(sharing=True, activation=torch.tanh),
    "report-b": lambda: ReportB(dropout=0.0),
}


def first_pass(model: nn.Module, batch: PairSet) -> tuple[dict[str, Tensor], Tensor]:
    """What the first forward and backward pass in training mode give, and the loss; gradients stay in the model."""
    output = model(batch.pair)
    loss = model.loss(output, batch.target, batch.digits)
    loss.backward()
    state = {"leq_logit": output.leq_logit(), "loss": loss}
    if isinstance(model, ReportB):
        state["leq_logits_raw"] = output.leq_logits
    if output.digit_logits is not None:
        state["digit_logits"] = output.digit_logits
    state |= {f"grad.{name}": parameter.grad for name, parameter in model.named_parameters()}
    running = {name: buffer for name, buffer in model.named_buffers() if buffer.is_floating_point()}
    state |= {f"buffer.{name}": buffer for name, buffer in running.items()}
    if running:
        state["eval_leq_logit_initial"] = evaluate(model, batch)
    return {name: value.detach().clone() for name, value in state.items()}, loss


def evaluate(model: nn.Module, batch: PairSet) -> Tensor:
    """The logits of first <= second by the running statistics of BatchNorm, which stay as they are."""
    with torch.no_grad():
        logit = model.eval()(batch.pair).leq_logit()
    model.train()
    return logit


def debug_state(model: nn.Module, batch: PairSet) -> dict[str, Tensor]:
    """Every tensor of the debug state, in the model's own precision; ten Adam steps change the model."""
    state = {f"initial.{name}": value.detach().clone() for name, value in model.named_parameters()}
    adam = torch.optim.Adam(model.parameters(), lr=1e-3, foreach=False)
    first, loss = first_pass(model, batch)
    losses = [loss.detach()]
    for _ in range(1, STEPS):
        adam.step()
        adam.zero_grad(set_to_none=True)
        loss = model.loss(model(batch.pair), batch.target, batch.digits)
        loss.backward()
        losses.append(loss.detach())
    adam.step()
    state |= first | {"losses": torch.stack(losses)}
    if any(isinstance(module, nn.BatchNorm2d) for module in model.modules()):
        state["eval_leq_logit"] = evaluate(model, batch)
    return state


def print_differences(name: str, single: dict[str, Tensor], double: dict[str, Tensor]) -> None:
    """The largest difference between both precisions over the largest value, for each kind of tensor.

    Gradients share one scale: that of a bias before BatchNorm is zero but for rounding.
    """
    kinds = {key.split(".")[0] for key in double} - {"initial"}
    for kind in sorted(kinds):
        keys = [key for key in double if key.split(".")[0] == kind]
        worst = max(keys, key=lambda key: (single[key] - double[key]).abs().max().item())
        scale = max(double[key].abs().max().item() for key in keys)
        difference = (single[worst] - double[worst]).abs().max().item()
        print(f"{name:26} {kind:15} {difference:8.1e} of {scale:8.1e} = {difference / scale:8.1e}  at {worst}")


def with_sorted_metadata(content: bytes) -> bytes:
    """The same safetensors file with its metadata sorted: the library writes it in another order each time."""
    length = int.from_bytes(content[:8], "little")
    header = json.loads(content[8 : 8 + length])
    header["__metadata__"] = dict(sorted(header["__metadata__"].items()))
    text = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode()
    if len(text) > length:
        raise ValueError(f"the sorted header takes {len(text)} bytes, the file's own {length}")
    return content[:8] + text.ljust(length) + content[8 + length :]


def write(path: Path, content: bytes) -> None:
    """Writes the file atomically."""
    unfinished = path.with_suffix(".part")
    with open(unfinished, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    os.replace(unfinished, path)


def write_debug_state(name: str, train: PairSet, folder: Path) -> None:
    """Runs one network in both precisions and writes what float32 gave."""
    torch.manual_seed(SEED)
    model = NETWORKS[name]()
    mean, std = (0.0, 255.0) if isinstance(model, ReportB) else mean_and_std(train)
    raw = train.take(slice(PAIRS))
    double = raw._replace(pair=raw.pair.double(), target=raw.target.double())
    exact = debug_state(copy.deepcopy(model).double(), double.normalised(mean, std))
    state = debug_state(model, raw.normalised(mean, std))
    print_differences(name, state, exact)
    metadata = {
        "network": name,
        "torch": torch.__version__,
        "seed": str(SEED),
        "mean": repr(mean),
        "std": repr(std),
        "lambda": str(model.loss_lambda) if "digit_logits" in state else "none",
        "script": "bench/debug_state.py",
        "command": shlex.join(["python", *sys.argv]),
    }
    content = save(state | raw._asdict(), metadata)
    write(folder / f"{name}.safetensors", with_sorted_metadata(content))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("data/mnist"), help="folder of the four gzip IDX files")
    parser.add_argument("--out", type=Path, default=Path("bench/debug_state"), help="folder of the debug states")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    arguments.out.mkdir(parents=True, exist_ok=True)
    train, _ = draw(arguments.data, SEED)
    for name in NETWORKS:
        write_debug_state(name, train, arguments.out)


if __name__ == "__main__":
    main()
