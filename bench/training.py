"""A training step in PyTorch in every measured variant."""

import ctypes
from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor, nn

from networks import BitDropout, ReportB, convnet, mlp
from pairs import PairSet

Step = Callable[[PairSet], Tensor]


class Network(NamedTuple):
    """A network as its report trains it; `build` is told whether to pool before the activation where there is both."""

    build: Callable[[bool], nn.Module]
    learning_rate: float
    data_seed: int


NETWORKS = {
    "ws_aux": Network(lambda pool_first: convnet(True, head_dropout=0.5, pool_first=pool_first), 1e-3, 0),
    "convnet": Network(lambda pool_first: convnet(False, head_dropout=0.5, pool_first=pool_first), 1e-3, 0),
    "mlp": Network(lambda _: mlp(False), 1e-3, 0),
    "report_b": Network(lambda _: ReportB(dropout=0.5), 1e-2, 42),
}


class Variant(NamedTuple):
    """Settings of PyTorch for a step. A shared tower always gets both digits in one folded batch."""

    channels_last: bool = False  # weights and activations
    pool_first: bool = False  # max(relu(x)) = relu(max(x)): same loss and gradients, fewer activations
    bit_dropout: bool = False  # masks from random bits
    keep_memory: bool = False  # glibc keeps freed memory instead of returning it to the kernel
    compiled: str | None = None  # "loss": forward, loss and backward; "step": these and Adam in one graph


VARIANTS = {
    "eager": Variant(),
    "channels_last": Variant(channels_last=True),
    "tuned": Variant(True, True, True, True),
    "compile": Variant(True, True, True, True, compiled="loss"),
    "compile_step": Variant(True, True, True, True, compiled="step"),
}

COMPILER_OPTIONS = {"cpp_wrapper": True, "max_autotune": True}


def keep_freed_memory() -> None:
    """Tells glibc neither to map large blocks one by one nor to give memory back."""
    libc = ctypes.CDLL(None)
    m_trim_threshold, m_mmap_threshold = -1, -3
    if not (libc.mallopt(m_mmap_threshold, 1 << 25) and libc.mallopt(m_trim_threshold, 1 << 30)):
        raise OSError("mallopt refused: the tuned variants need glibc")


def build(network: Network, variant: Variant) -> nn.Module:
    """A fresh network from torch's global seed, as the variant wants it."""
    model = network.build(variant.pool_first)
    if variant.bit_dropout:
        for module in list(model.modules()):
            for name, child in list(module.named_children()):
                if isinstance(child, nn.Dropout) and child.p == 0.5:
                    setattr(module, name, BitDropout())
    return model.to(memory_format=torch.channels_last) if variant.channels_last else model


def make_step(model: nn.Module, learning_rate: float, variant: Variant) -> Step:
    """A function that trains on one batch and returns its loss before the update."""
    if variant.compiled == "step":
        return one_graph_step(model, learning_rate)
    adam = torch.optim.Adam(model.parameters(), lr=learning_rate, fused=True)

    def loss_of(pair: Tensor, target: Tensor, digits: Tensor) -> Tensor:
        return model.loss(model(pair), target, digits)

    if variant.compiled == "loss":
        loss_of = torch.compile(loss_of, fullgraph=True, options=COMPILER_OPTIONS)

    def step(batch: PairSet) -> Tensor:
        adam.zero_grad(set_to_none=True)
        loss = loss_of(*batch)
        loss.backward()
        adam.step()
        return loss.detach()

    return step


def adam_update(
    parameter: Tensor, gradient: Tensor, moments: tuple[Tensor, Tensor], count: Tensor, rate: float
) -> None:
    """Adam with PyTorch's defaults, in place; `count` is the number of steps, this one included."""
    first, second = moments
    first.lerp_(gradient, 0.1)
    second.mul_(0.999).addcmul_(gradient, gradient, value=0.001)
    corrected = second.sqrt() / (1 - 0.999**count).sqrt() + 1e-8
    parameter.sub_(rate / (1 - 0.9**count) * first / corrected)


def one_graph_step(model: nn.Module, learning_rate: float) -> Step:
    """Forward, loss, backward and Adam compiled as one graph, so that Python and autograd cost nothing between them."""
    parameters = {name: parameter.detach() for name, parameter in model.named_parameters()}
    moments = {name: (torch.zeros_like(value), torch.zeros_like(value)) for name, value in parameters.items()}
    count = torch.zeros((), dtype=torch.float64)  # 1 - 0.999^count is too coarse in float32

    def loss_of(weights: dict[str, Tensor], batch: PairSet) -> Tensor:
        output = torch.func.functional_call(model, weights, (batch.pair,))
        return model.loss(output, batch.target, batch.digits)

    def whole(pair: Tensor, target: Tensor, digits: Tensor) -> Tensor:
        batch = PairSet(pair, target, digits)
        gradients, loss = torch.func.grad_and_value(loss_of)(parameters, batch)
        count.add_(1)
        for name, parameter in parameters.items():
            adam_update(parameter, gradients[name], moments[name], count, learning_rate)
        return loss

    compiled = torch.compile(whole, fullgraph=True, options=COMPILER_OPTIONS)
    return lambda batch: compiled(*batch)
