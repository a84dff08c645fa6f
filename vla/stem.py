"""The vision stem of one camera: a stride-4 map conditioned on the words, and the places in it that matter.

Three convolutions with group normalisation; the words scale and shift the last two (FiLM, Perez et al. 2018, started
as the identity). A spatial softmax (Finn et al. 2016) with a learnt temperature turns maps into coordinates, so that
position survives, and reads a short descriptor at each place. Convolutions run in bfloat16 where the machine has it.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from vla.machine import half_precision

STRIDE = 4  # [px] between cells of the map
GREY = 160.0  # of pixels, taken off at the start


@dataclass(frozen=True)
class Sight:
    """What a stem sees; M = (H / STRIDE) (W / STRIDE) cells of the map, row by row."""

    map: Tensor  # (B, M, channels)
    values: Tensor  # (B, M, 2 + descriptor): coordinates (u, v) of the cell in [-1, 1], and its descriptor
    keypoints: Tensor  # (B, K, 2 + descriptor): values averaged under each attention map


class Stem(nn.Module):
    def __init__(self, channels: tuple[int, int, int], keypoints: int, descriptor: int, text_width: int) -> None:
        super().__init__()
        first, second, third = channels
        self.patches = nn.Conv2d(3, first, kernel_size=6, stride=STRIDE, padding=1, bias=False)
        self.patches_bias = nn.Parameter(-GREY * self.patches.weight.detach().sum((1, 2, 3)))
        self.patches_norm = nn.GroupNorm(1, first)
        self.middle = nn.Conv2d(first, second, kernel_size=3, padding=1, bias=False)
        self.middle_norm = nn.GroupNorm(1, second, affine=False)  # the words scale and shift it
        self.last = nn.Conv2d(second, third, kernel_size=3, padding=1, bias=False)
        self.last_norm = nn.GroupNorm(1, third, affine=False)
        self.film = nn.Linear(text_width, 2 * (second + third))
        nn.init.zeros_(self.film.weight)
        nn.init.zeros_(self.film.bias)
        self.keys = nn.Conv2d(third, keypoints, kernel_size=1, bias=False)
        self.descriptor = nn.Conv2d(third, descriptor, kernel_size=1)
        self.log_sharpness = nn.Parameter(torch.zeros(()))
        self.splits = (second, second, third, third)

    def forward(self, pixels: Tensor, brightness: Tensor, sentence: Tensor) -> Sight:
        """`pixels` uint8 (B, H, W, 3), `brightness` (B,), `sentence` (B, text width)."""
        with half_precision(pixels.device) as dtype:
            film = self.film(sentence.to(dtype)).to(dtype)[..., None, None]
            middle_scale, middle_shift, last_scale, last_shift = film.split(self.splits, dim=1)
            # The norm takes any factor off, so a change of brightness is one of the bias; in place where no gradient
            # needs the old values, since these steps are bound by memory.
            bias = (self.patches_bias / brightness[:, None]).to(dtype)[..., None, None]
            x = self.patches(pixels.permute(0, 3, 1, 2).to(dtype)).add_(bias)  # channels last in memory: fastest
            x = self.patches_norm(x).relu_()
            x = (self.middle_norm(self.middle(x)) * (1 + middle_scale)).add_(middle_shift).relu_()
            x = (self.last_norm(self.last(x)) * (1 + last_scale)).add_(last_shift).relu_()
            grid = cell_coordinates(x.shape[2], x.shape[3], x.device).to(x.dtype)
            values = torch.cat([grid.expand(len(x), -1, -1), _cells(self.descriptor(x))], dim=2)
            keys = functional.conv2d(x, self.keys.weight * self.log_sharpness.exp())
            attention = _cells(keys).softmax(dim=1).to(x.dtype)
            return Sight(_cells(x), values, torch.bmm(attention.transpose(1, 2), values).float())


def cell_coordinates(height: int, width: int, device: torch.device) -> Tensor:
    """(u, v) of the middle of each cell (M, 2), row by row, u to the right and v down, [-1, 1] over the whole image."""
    v = (2 * torch.arange(height, device=device) + 1 - height) / height
    u = (2 * torch.arange(width, device=device) + 1 - width) / width
    return torch.stack([u.expand(height, -1), v[:, None].expand(-1, width)], dim=-1).reshape(-1, 2)


def _cells(x: Tensor) -> Tensor:
    """(B, C, h, w) as (B, h w, C)."""
    return x.permute(0, 2, 3, 1).flatten(1, 2)
