"""Our own network from 1,000 pairs in PyTorch: tower, distortion of images, loss over every pair, Muon and AdamW."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

# Channels, side of the kernel and zeros around the image of each convolution.
CONVOLUTIONS = ((16, 3, 0), (24, 3, 0), (32, 3, 0), (64, 3, 1), (80, 3, 0), (96, 2, 0))
POOLED = 2  # the convolution that pooling follows
SIDE = 14
SMALLEST = 1e-6
WHITE = 255.0


class DigitTower(nn.Module):
    """Logits of ten digits for each image: [B, 1, 14, 14] -> [B, 10]."""

    def __init__(self):
        super().__init__()
        channels = [1, *(channels for channels, _, _ in CONVOLUTIONS)]
        self.convolutions = nn.ModuleList(
            nn.Conv2d(inputs, outputs, kernel, padding=padding, bias=False)
            for inputs, (outputs, kernel, padding) in zip(channels, CONVOLUTIONS)
        )
        self.norms = nn.ModuleList(nn.BatchNorm2d(outputs) for outputs in channels[1:])
        self.dropout, self.linear = nn.Dropout(0.3), nn.Linear(channels[-1], 10)

    def forward(self, x: Tensor) -> Tensor:
        for index, (convolution, norm) in enumerate(zip(self.convolutions, self.norms, strict=True)):
            x = F.relu(norm(convolution(x)))
            if index == POOLED:
                x = F.max_pool2d(x, 2)
        return self.linear(self.dropout(x.flatten(1)))


def loss(logits: Tensor, digits: Tensor) -> Tensor:
    """CE(digit) + BCE / 2 of p_leq over all ordered pairs of different images."""
    p = logits.softmax(1)
    leq = (p.cumsum(1) @ p.T).clamp(SMALLEST, 1 - SMALLEST)  # [B, B]: digit of the row <= digit of the column
    target = (digits[:, None] <= digits[None, :]).to(leq.dtype)
    every_pair = F.binary_cross_entropy(leq, target, reduction="none")
    count = len(digits)
    different = every_pair.sum() - every_pair.diagonal().sum()
    return F.cross_entropy(logits, digits) + 0.5 * different / (count * (count - 1))


def within(bound: float, count: int) -> Tensor:
    """[count]: uniform either side of 0."""
    return bound * (2 * torch.rand(count) - 1)


def distort(images: Tensor) -> Tensor:
    """One bicubic resampling, then thickness and sharpness: [B, 1, 14, 14], 0..=255, to the same."""
    count = len(images)
    angle = within(math.radians(12), count)
    sine, cosine = angle.sin(), angle.cos()
    width, height = within(0.12, count).exp(), within(0.12, count).exp()
    shear = within(0.2, count)
    shift = 2 / SIDE * torch.stack((within(1, count), within(1, count)), 1)
    matrix = torch.stack((cosine * width, (cosine * shear - sine) * height, sine * width, (sine * shear + cosine) * height), 1)
    grid = F.affine_grid(torch.cat((matrix.view(count, 2, 2), shift[:, :, None]), 2), list(images.shape), align_corners=False)
    nodes = 0.6 * 2 / SIDE * torch.randn(count, 2, 5, 5)
    elastic = F.interpolate(nodes, (SIDE, SIDE), mode="bicubic", align_corners=True)
    images = F.grid_sample(images, grid + elastic.permute(0, 2, 3, 1), mode="bicubic", align_corners=False)
    images = images.clamp(0, WHITE)
    amount = within(0.2, count)[:, None, None, None]
    thick, thin = F.max_pool2d(images, 3, 1, 1), -F.max_pool2d(-images, 3, 1, 1)
    images = images + amount.abs() * (torch.where(amount > 0, thick, thin) - images)
    sharpening = (-0.15 + 0.55 * torch.rand(count))[:, None, None, None]
    return (images + sharpening * (images - F.avg_pool2d(images, 3, 1, 1))).clamp(0, WHITE)


class Muon(torch.optim.Optimizer):
    """Momentum made orthogonal by five steps of Newton's and Schulz's iteration."""

    def __init__(self, parameters: list[Tensor], lr: float = 0.02, momentum: float = 0.9, decay: float = 0.1):
        super().__init__(parameters, {"lr": lr, "momentum": momentum, "decay": decay})

    @torch.no_grad()
    def step(self) -> None:
        for group in self.param_groups:
            for weight in group["params"]:
                state = self.state[weight]
                if not state:
                    state["momentum"] = torch.zeros_like(weight)
                momentum = state["momentum"].mul_(group["momentum"]).add_(weight.grad)
                ahead = weight.grad.add(momentum, alpha=group["momentum"]).flatten(1)
                scale = max(1.0, ahead.shape[0] / ahead.shape[1]) ** 0.5
                weight.mul_(1 - group["lr"] * group["decay"])
                weight.add_(orthogonal(ahead).view_as(weight), alpha=-group["lr"] * scale)


def orthogonal(matrix: Tensor) -> Tensor:
    """The matrix with its singular values taken towards 1."""
    tall = matrix.shape[0] > matrix.shape[1]
    x = (matrix.T if tall else matrix) / (matrix.norm() + 1e-7)
    for _ in range(5):
        square = x @ x.T
        x = torch.addmm(x, torch.addmm(square, square, square, beta=-4.775, alpha=2.0315), x, beta=3.4445)
    return x.T if tall else x


class Trainer:
    """Network and optimisers; a step takes raw images and their digits."""

    def __init__(self, mean: float, standard_deviation: float, channels_last: bool, compiled: bool):
        self.mean, self.standard_deviation = mean, standard_deviation
        self.format = torch.channels_last if channels_last else torch.contiguous_format
        self.model = DigitTower().to(memory_format=self.format)
        convolutions = [convolution.weight for convolution in self.model.convolutions]
        others = [p for p in self.model.parameters() if p.dim() < 4]
        groups = [
            {"params": [p for p in others if p.dim() == 2], "weight_decay": 1e-4},
            {"params": [p for p in others if p.dim() != 2], "weight_decay": 0.0},
        ]
        self.adam = torch.optim.AdamW(groups, lr=4e-3, betas=(0.9, 0.99), fused=True)
        self.muon = Muon(convolutions)
        self.loss_of = torch.compile(self.forward, fullgraph=True) if compiled else self.forward

    def forward(self, images: Tensor, digits: Tensor) -> Tensor:
        return loss(self.model(images), digits)

    def step(self, images: Tensor, digits: Tensor) -> Tensor:
        """Trains on [B, 1, 14, 14] and [B]; gives the loss before the update."""
        images = (distort(images) - self.mean) / self.standard_deviation
        images = images.contiguous(memory_format=self.format)
        self.model.zero_grad(set_to_none=True)
        value = self.loss_of(images, digits)
        value.backward()
        self.muon.step()
        self.adam.step()
        return value.detach()
