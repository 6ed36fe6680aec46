"""The networks of both reports in PyTorch.

Shapes: `pair` is [N, 2, 14, 14]. With weight sharing both digits of a pair pass one tower as a folded batch
[2N, 1, 14, 14] in the order first of pair 0, second of pair 0, first of pair 1, and so on; `view(N, -1)` then puts the
features of a pair side by side, first digit first.
"""

from collections.abc import Callable
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

Activation = Callable[[Tensor], Tensor]


class Output(NamedTuple):
    """A comparator's outputs for a batch."""

    leq_logits: Tensor  # report A [N, 1]: the logit of first <= second; report B [N, 2]: greater, less or equal
    digit_logits: Tensor | None  # [N, 2, 10]

    def leq_logit(self) -> Tensor:
        """[N]: the logit of first <= second."""
        logits = self.leq_logits
        return logits[:, 0] if logits.shape[1] == 1 else logits[:, 1] - logits[:, 0]


class BitDropout(nn.Module):
    """Dropout 0.5 that draws 64 entries of its mask at once, a bit each: 30 times faster than nn.Dropout on a CPU."""

    def __init__(self):
        super().__init__()
        table = (torch.arange(256)[:, None] >> torch.arange(8) & 1) * 2.0  # [256, 8]: 0 or 2 for each bit of a byte
        self.register_buffer("table", table, persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        if not self.training:
            return x
        words = torch.randint(-(2**63), 2**63 - 1, (x.numel() // 64 + 1,))
        mask = self.table.index_select(0, words.view(torch.uint8).int())
        return x * mask.view(-1)[: x.numel()].view_as(x)


class ConvTower(nn.Module):
    """Report A's three convolution blocks: [B, in, 14, 14] -> [B, c3]."""

    def __init__(
        self, inputs: int, channels: tuple[int, int, int], activation: Activation, norm: bool, pool_first: bool
    ):
        super().__init__()
        c1, c2, c3 = channels
        self.conv1 = nn.Conv2d(inputs, c1, 3)
        self.conv2 = nn.Conv2d(c1, c2, 3, padding=1)
        self.conv3 = nn.Conv2d(c2, c3, 2, padding=1)
        self.norm1, self.norm2, self.norm3 = (nn.BatchNorm2d(c) if norm else nn.Identity() for c in channels)
        self.activation, self.pool_first, self.features = activation, pool_first, c3

    def block(self, x: Tensor, pool: int) -> Tensor:
        """Activation and max pooling; a rising activation commutes with max, and after the pool it has less to do."""
        if self.pool_first:
            return self.activation(F.max_pool2d(x, pool))
        return F.max_pool2d(self.activation(x), pool)

    def forward(self, x: Tensor) -> Tensor:
        x = self.block(self.norm1(self.conv1(x)), 2)  # [B, c1, 6, 6]
        x = self.block(self.norm2(self.conv2(x)), 2)  # [B, c2, 3, 3]
        x = self.block(self.norm3(self.conv3(x)), 3)  # [B, c3, 1, 1]
        return x.flatten(1)


class MlpTower(nn.Module):
    """Report A's four linear layers, activation and dropout after each: [B, in, 14, 14] -> [B, 256]."""

    def __init__(self, inputs: int, widths: tuple[int, int, int, int], activation: Activation, dropout: float):
        super().__init__()
        w1, w2, w3, w4 = widths
        self.linear1 = nn.Linear(196 * inputs, w1)
        self.linear2 = nn.Linear(w1, w2)
        self.linear3 = nn.Linear(w2, w3)
        self.linear4 = nn.Linear(w3, w4)
        self.activation, self.dropout, self.features = activation, nn.Dropout(dropout), w4

    def forward(self, x: Tensor) -> Tensor:
        x = x.flatten(1)
        for linear in (self.linear1, self.linear2, self.linear3, self.linear4):
            x = self.dropout(self.activation(linear(x)))
        return x


class HiddenHead(nn.Module):
    """A head with one hidden layer, dropout before each linear layer: [B, in] -> [B, out]."""

    def __init__(self, sizes: tuple[int, int, int], activation: Activation, dropouts: tuple[float, float]):
        super().__init__()
        self.linear1 = nn.Linear(sizes[0], sizes[1])
        self.linear2 = nn.Linear(sizes[1], sizes[2])
        self.activation = activation
        self.dropout1, self.dropout2 = (nn.Dropout(p) if p else nn.Identity() for p in dropouts)

    def forward(self, x: Tensor) -> Tensor:
        return self.linear2(self.dropout2(self.activation(self.linear1(self.dropout1(x)))))


class LinearHead(nn.Module):
    """The MLP's head: [B, in] -> [B, out]."""

    def __init__(self, inputs: int, outputs: int):
        super().__init__()
        self.linear1 = nn.Linear(inputs, outputs)

    def forward(self, x: Tensor) -> Tensor:
        return self.linear1(x)


class ReportA(nn.Module):
    """A tower, a binary head and, with weight sharing and a lambda, a digit head for the auxiliary loss."""

    def __init__(
        self, tower: nn.Module, head: Callable[[int, int], nn.Module], sharing: bool, loss_lambda: float | None
    ):
        super().__init__()
        self.tower, self.sharing, self.loss_lambda = tower, sharing, loss_lambda
        self.leq_head = head(2 * tower.features if sharing else tower.features, 1)
        self.digit_head = head(tower.features, 10) if sharing and loss_lambda is not None else None

    def forward(self, pair: Tensor) -> Output:
        if not self.sharing:
            return Output(self.leq_head(self.tower(pair)), None)
        n = pair.shape[0]
        features = self.tower(pair.view(2 * n, 1, 14, 14))
        digit_logits = None if self.digit_head is None else self.digit_head(features).view(n, 2, 10)
        return Output(self.leq_head(features.view(n, -1)), digit_logits)

    def loss(self, output: Output, target: Tensor, digits: Tensor) -> Tensor:
        """BCE, or CE(first) + CE(second) + lambda * BCE: the mean over the folded 2N digits is half the sum of both."""
        bce = F.binary_cross_entropy_with_logits(output.leq_logits[:, 0], target)
        if output.digit_logits is None:
            return bce
        return 2 * F.cross_entropy(output.digit_logits.flatten(0, 1), digits.flatten()) + self.loss_lambda * bce


class LeNetTower(nn.Module):
    """Report B's tower: [B, 1, 14, 14] -> [B, 128]."""

    def __init__(self, dropout: float):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 16, 3)
        self.conv2 = nn.Conv2d(16, 32, 3)
        self.dropout = nn.Dropout2d(dropout)

    def forward(self, x: Tensor) -> Tensor:
        x = F.leaky_relu(F.max_pool2d(self.conv1(x), 2))  # [B, 16, 6, 6]
        x = F.leaky_relu(F.max_pool2d(self.dropout(self.conv2(x)), 2))  # [B, 32, 2, 2]
        return x.flatten(1)


class CompareHead(nn.Module):
    """Report B's comparison: features of both digits [N, 256] and their logits [N, 20] -> [N, 2]."""

    def __init__(self, dropout: float):
        super().__init__()
        self.linear1 = nn.Linear(256, 64)
        self.linear2 = nn.Linear(64, 32)
        self.linear3 = nn.Linear(52, 32)
        self.linear4 = nn.Linear(32, 2)
        self.dropout = nn.Dropout(dropout)

    def forward(self, features: Tensor, digit_logits: Tensor) -> Tensor:
        x = self.dropout(F.leaky_relu(self.linear1(features)))
        x = self.dropout(F.leaky_relu(self.linear2(x)))
        x = torch.cat((x, digit_logits), 1)
        return self.linear4(self.dropout(F.leaky_relu(self.linear3(x))))


class ReportB(nn.Module):
    """Towers and digit heads, one for both digits with weight sharing and one each without, and the comparison."""

    def __init__(self, dropout: float, loss_lambda: float = 1.0, sharing: bool = True):
        super().__init__()
        self.loss_lambda = loss_lambda
        self.tower, self.digit_head = self.side(dropout)
        self.second_tower, self.second_digit_head = (None, None) if sharing else self.side(dropout)
        self.leq_head = CompareHead(dropout)

    @staticmethod
    def side(dropout: float) -> tuple[LeNetTower, HiddenHead]:
        """A tower and a digit head."""
        return LeNetTower(dropout), HiddenHead((128, 64, 10), F.leaky_relu, (0.0, dropout))

    def forward(self, pair: Tensor) -> Output:
        n = pair.shape[0]
        if self.second_tower is None:
            features = self.tower(pair.view(2 * n, 1, 14, 14))
            digit_logits = self.digit_head(features)
        else:
            features = torch.stack((self.tower(pair[:, :1]), self.second_tower(pair[:, 1:])), 1)
            digit_logits = torch.stack(
                (self.digit_head(features[:, 0]), self.second_digit_head(features[:, 1])), 1
            )
        digit_logits = digit_logits.view(n, 20)
        return Output(self.leq_head(features.reshape(n, 256), digit_logits), digit_logits.view(n, 2, 10))

    def loss(self, output: Output, target: Tensor, digits: Tensor) -> Tensor:
        """CE(target) + lambda * 1/2 * (CE(left) + CE(right))."""
        loss = F.cross_entropy(output.leq_logits, target.long())
        if self.loss_lambda == 0.0:
            return loss
        return loss + self.loss_lambda * F.cross_entropy(output.digit_logits.flatten(0, 1), digits.flatten())


def convnet(
    sharing: bool,
    activation: Activation = F.relu,
    norm: bool = False,
    head_dropout: float = 0.0,
    pool_first: bool = False,
    loss_lambda: float | None = 0.8,
) -> ReportA:
    """Report A's ConvNet 32-64-32 with 512 hidden units; only a shared tower has the auxiliary loss, with a lambda."""
    tower = ConvTower(1 if sharing else 2, (32, 64, 32), activation, norm, pool_first)

    def head(inputs: int, outputs: int) -> HiddenHead:
        return HiddenHead((inputs, 512, outputs), activation, (head_dropout, head_dropout))

    return ReportA(tower, head, sharing, loss_lambda)


def mlp(
    sharing: bool, activation: Activation = F.relu, dropout: float = 0.0, loss_lambda: float | None = 0.8
) -> ReportA:
    """Report A's MLP 128-64-32-256; only a shared tower has the auxiliary loss, with a lambda."""
    tower = MlpTower(1 if sharing else 2, (128, 64, 32, 256), activation, dropout)
    return ReportA(tower, LinearHead, sharing, loss_lambda)
