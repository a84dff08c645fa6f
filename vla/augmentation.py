"""The noise of training: brightness, a dropped state token, and (as an option) a shift of the image."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Augmentation:
    brightness: float = 0.2  # the factor on each image is drawn from 1 ± this
    drop_state: float = 0.1  # chance that the state token is left out
    shift: int = 0  # [px] each image moves by up to this, its border repeated

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    def draw_brightness(self, rng: np.random.Generator, batch: int, cameras: int) -> NDArray[np.float32]:
        """Factors (batch, cameras)."""
        return rng.uniform(1 - self.brightness, 1 + self.brightness, (batch, cameras)).astype(np.float32)

    def draw_state_kept(self, rng: np.random.Generator, batch: int) -> NDArray[np.float32]:
        """(batch,) 0 where the state token is left out, else 1."""
        return (rng.random(batch) >= self.drop_state).astype(np.float32)

    def draw_shift(self, rng: np.random.Generator, batch: int, cameras: int) -> NDArray[np.int64]:
        """(batch, cameras, 2) [px] by which images move right and down."""
        return rng.integers(-self.shift, self.shift + 1, (batch, cameras, 2))


def shift_images(pixels: NDArray[np.uint8], shift: NDArray[np.int64]) -> NDArray[np.uint8]:
    """Images (B, C, H, W, 3) moved right and down by `shift` (B, C, 2) [px], their borders repeated."""
    B, C, H, W, _ = pixels.shape
    rows = np.clip(np.arange(H) - shift[..., 1:], 0, H - 1)
    columns = np.clip(np.arange(W) - shift[..., :1], 0, W - 1)
    b, c = np.arange(B)[:, None, None, None], np.arange(C)[:, None, None]
    return pixels[b, c, rows[:, :, :, None], columns[:, :, None, :]]


def shift_labels(
    pixel: NDArray[np.float32], visible: NDArray[np.bool_], shift: NDArray[np.int64], size: int
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Labels (B, C, 2, 2) and (B, C, 2) of images that were moved; what left the image is no longer visible."""
    moved = pixel + (shift[:, :, None] * (2 / size)).astype(np.float32)
    return moved, visible & (np.abs(moved) <= 1).all(-1)
