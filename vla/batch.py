"""What a policy is trained on: one batch of frames with their labels and with the noise of augmentation."""

from dataclasses import dataclass, fields

import torch
from torch import Tensor


@dataclass(frozen=True)
class Batch:
    """B frames, C cameras, L words, K actions. `brightness` and `state_kept` carry all the randomness of a training
    step, so that a policy draws none itself and a step is a pure function of its batch."""

    pixels: Tensor  # uint8 (B, C, H, W, 3)
    state: Tensor  # float32 (B, P)
    words: Tensor  # int64 (B, L) word numbers, padded behind
    brightness: Tensor  # float32 (B, C) factor on the pixels
    state_kept: Tensor  # float32 (B,) 0 where the state token is dropped, else 1
    actions: Tensor  # float32 (B, K, 7) clean actions from this frame on
    valid: Tensor  # float32 (B, K) 0 beyond the end of the episode, else 1
    position: Tensor  # float32 (B, 2, 3) [m] object and target of the current plan step, base frame
    pixel: Tensor  # float32 (B, C, 2, 2) their (u, v) in each camera, in [-1, 1]
    visible: Tensor  # float32 (B, C, 2) 1 where they are seen, else 0

    def __len__(self) -> int:
        return len(self.state)

    def to(self, device: torch.device | str) -> "Batch":
        return Batch(**{field.name: getattr(self, field.name).to(device) for field in fields(self)})
