"""The action head, objective *act*: a chunk of actions by regression (smooth L1), the gripper as open or closed."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from vla.batch import Batch
from vla.config import PolicyConfig

SMOOTH_L1_BETA = 0.1  # in standard deviations
GRIPPER_WEIGHT = 0.5  # of the binary cross-entropy [nat] beside the smooth L1


class ActHead(nn.Module):
    def __init__(self, config: PolicyConfig, features: int, action: int) -> None:
        super().__init__()
        self.inner = nn.Linear(config.width + features, config.head_width)
        self.inner_second = nn.Linear(config.head_width, config.head_width)
        self.out = nn.Linear(config.head_width, config.chunk * action)
        self.shape = (config.chunk, action)

    def forward(self, readout: Tensor, features: Tensor) -> Tensor:
        """Actions (B, K, 7): motion in standard deviations, the gripper's closing as a logit."""
        inner = functional.relu(self.inner(torch.cat([readout, features], dim=1)))
        return self.out(functional.relu(self.inner_second(inner))).unflatten(1, self.shape)

    def loss(self, predicted: Tensor, batch: Batch, motion: Tensor) -> Tensor:
        """`motion` (B, K, 6): the true motion in standard deviations. Only steps within the episode count."""
        steps = batch.valid.sum().clamp(min=1)
        off = functional.smooth_l1_loss(predicted[..., :-1], motion, beta=SMOOTH_L1_BETA, reduction="none").mean(-1)
        closing = (batch.actions[..., -1] + 1) / 2
        grip = functional.binary_cross_entropy_with_logits(predicted[..., -1], closing, reduction="none")
        return ((off + GRIPPER_WEIGHT * grip) * batch.valid).sum() / steps

    def command(self, predicted: Tensor, motion_scale: Tensor) -> Tensor:
        """Actions to send (B, K, 7) in [-1, 1]."""
        grip = torch.where(predicted[..., -1:] > 0, 1.0, -1.0)
        return torch.cat([(predicted[..., :-1] * motion_scale).clamp(-1, 1), grip], dim=-1)
