"""The grounding head, objective *align*: where are the things that the current plan step is about?

For object and target it asks every camera's map (attention from the read-out), and tells their pixels and their
positions in space. What it finds is handed to the action head, so that grounding is not a side show.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from vla.batch import Batch
from vla.columns import THINGS
from vla.config import PolicyConfig
from vla.stem import Sight

POSITION_WEIGHT = 1.0
HEAT_WEIGHT = 0.1  # of the cross-entropy [nat] beside the smooth L1 of positions in standard deviations
SMOOTH_L1_BETA = 0.1


@dataclass(frozen=True)
class Grounding:
    """C cameras, M cells of a map."""

    heat: Tensor  # (B, C, THINGS, M) logits over the cells
    pixel: Tensor  # (B, C, THINGS, 2) expected (u, v) in [-1, 1]
    position: Tensor  # (B, THINGS, 3) in standard deviations of the training data, base frame
    features: Tensor  # (B, F) all that was read, for the heads that follow


class AlignHead(nn.Module):
    def __init__(self, config: PolicyConfig, cameras: int, state: int) -> None:
        super().__init__()
        channels, read = config.stem[-1], 2 + config.descriptor
        self.queries = nn.Linear(config.width, cameras * THINGS * channels)
        self.features = cameras * THINGS * read
        self.inner = nn.Linear(config.width + self.features + state, config.head_width // 2)
        self.position = nn.Linear(config.head_width // 2, THINGS * 3)
        self.cameras = cameras

    def forward(self, readout: Tensor, sights: Mapping[str, Sight], state: Tensor) -> Grounding:
        """`readout` (B, width); `state` (B, P) in standard deviations."""
        B = len(readout)
        queries = self.queries(readout).view(B, self.cameras, THINGS, -1)
        heats, reads = [], []
        for camera, sight in enumerate(sights.values()):
            query = (queries[:, camera] * queries.shape[-1] ** -0.5).transpose(1, 2)
            # This way round: the backward pass of queries times maps takes four times as long.
            heat = torch.bmm(sight.map, query.to(sight.map.dtype)).float().transpose(1, 2)
            heats.append(heat)
            reads.append(torch.bmm(heat.softmax(-1), sight.values.float()))
        read = torch.stack(reads, dim=1)  # (B, C, THINGS, 2 + descriptor)
        features = read.flatten(1)
        position = self.position(functional.relu(self.inner(torch.cat([readout, features, state], dim=1))))
        return Grounding(torch.stack(heats, dim=1), read[..., :2], position.view(B, THINGS, 3), features)

    def loss(self, found: Grounding, batch: Batch, position: Tensor, map_shape: tuple[int, int]) -> Tensor:
        """`position` (B, THINGS, 3): the true positions in standard deviations."""
        near = functional.smooth_l1_loss(found.position, position, beta=SMOOTH_L1_BETA)
        goal = spread(batch.pixel, map_shape)
        surprise = -(goal * found.heat.log_softmax(-1)).sum(-1)
        heat = (surprise * batch.visible).sum() / batch.visible.sum().clamp(min=1)
        return POSITION_WEIGHT * near + HEAT_WEIGHT * heat


def spread(pixel: Tensor, map_shape: tuple[int, int]) -> Tensor:
    """The weights (..., M) on the cells of a map (h, w) whose expected coordinate is `pixel` (..., 2): bilinear, so
    that a softmax that matches them points with sub-cell accuracy."""
    height, width = map_shape
    rows = _hat(pixel[..., 1], height)
    columns = _hat(pixel[..., 0], width)
    return (rows[..., :, None] * columns[..., None, :]).flatten(-2)


def _hat(coordinate: Tensor, cells: int) -> Tensor:
    """Linear weights (..., cells) of the two cells whose middles lie around `coordinate` in [-1, 1]."""
    place = ((coordinate + 1) * cells / 2 - 0.5).clamp(0, cells - 1)
    return (1 - (place[..., None] - torch.arange(cells, device=coordinate.device)).abs()).clamp(min=0)
