"""Which frames a training step sees: a pure function of (seed, step) and of the mixture.

So a run can be cut anywhere and go on, and two arms with one seed differ by their mixtures alone.
"""

from collections.abc import Mapping

import numpy as np
import torch
from numpy.typing import NDArray

from envs.episodes import Cell
from envs.errors import UserError
from vla.augmentation import Augmentation, shift_images, shift_labels
from vla.batch import Batch
from vla.datasets import Frames
from vla.tokens import PADDING, Vocabulary

WORDS_STEP = 4  # the length of instructions in a batch is a multiple of this


class Source:
    """The data of all cells that may be drawn from, with their instructions as numbers of one length."""

    def __init__(self, data: Mapping[Cell, Frames], vocabulary: Vocabulary) -> None:
        if not data:
            raise UserError("There is no data to train on.")
        self.data = dict(data)
        words = {cell: vocabulary.encode_all(frames.instructions) for cell, frames in self.data.items()}
        longest = max(int((rows != PADDING).sum(1).max()) for rows in words.values())
        self.length = -(-longest // WORDS_STEP) * WORDS_STEP
        self.words = {cell: rows[:, : self.length] for cell, rows in words.items()}


def step_rng(seed: int, step: int) -> np.random.Generator:
    """The only source of randomness of a training step."""
    return np.random.default_rng([seed, step])


def draw_rows(
    rng: np.random.Generator, mixture: Mapping[Cell, float], sizes: Mapping[Cell, int], batch: int
) -> dict[Cell, NDArray[np.int64]]:
    """Frame numbers to take from each cell, `batch` in all. Each cell gets its share of the batch rounded up or down
    (systematic sampling), so that the composition of batches adds as little noise as it can."""
    cells = sorted(cell for cell in mixture if mixture[cell] > 0)  # the order of a mapping must not matter
    edges = np.cumsum([mixture[cell] for cell in cells])
    points = (np.arange(batch) + rng.random()) / batch * edges[-1]
    counts = np.bincount(np.searchsorted(edges[:-1], points, side="right"), minlength=len(cells))
    return {cell: rng.integers(0, sizes[cell], n) for cell, n in zip(cells, counts, strict=True) if n}


def draw_batch(
    source: Source,
    mixture: Mapping[Cell, float],
    seed: int,
    step: int,
    batch: int,
    chunk: int,
    augmentation: Augmentation,
) -> tuple[Batch, dict[Cell, NDArray[np.int64]]]:
    """The batch of one training step, and the frames of each cell in it."""
    rng = step_rng(seed, step)
    rows = draw_rows(rng, mixture, {cell: frames.frames for cell, frames in source.data.items()}, batch)
    return gather(source, rows, chunk, augmentation, rng), rows


def gather(
    source: Source,
    rows: Mapping[Cell, NDArray[np.int64]],
    chunk: int,
    augmentation: Augmentation,
    rng: np.random.Generator,
) -> Batch:
    """The frames `rows` of each cell, one cell after the other."""
    taken = [(source.data[cell], chosen) for cell, chosen in rows.items()]
    chunks = [frames.chunk(chosen, chunk) for frames, chosen in taken]
    pixels = np.concatenate([frames.pixels[chosen] for frames, chosen in taken])
    pixel = np.concatenate([frames.pixel[chosen] for frames, chosen in taken])
    visible = np.concatenate([frames.visible[chosen] for frames, chosen in taken])
    words = np.concatenate([source.words[cell][source.data[cell].episode_of[chosen]] for cell, chosen in rows.items()])
    B, cameras, size = pixels.shape[:3]
    brightness = augmentation.draw_brightness(rng, B, cameras)
    state_kept = augmentation.draw_state_kept(rng, B)
    if augmentation.shift:
        shift = augmentation.draw_shift(rng, B, cameras)
        pixels = shift_images(pixels, shift)
        pixel, visible = shift_labels(pixel, visible, shift, size)
    return Batch(
        pixels=torch.from_numpy(pixels),
        state=torch.from_numpy(np.concatenate([frames.state[chosen] for frames, chosen in taken])),
        words=torch.from_numpy(words.astype(np.int64)),
        brightness=torch.from_numpy(brightness),
        state_kept=torch.from_numpy(state_kept),
        actions=torch.from_numpy(np.concatenate([actions for actions, _ in chunks])),
        valid=torch.from_numpy(np.concatenate([valid for _, valid in chunks])),
        position=torch.from_numpy(np.concatenate([frames.position[chosen] for frames, chosen in taken])),
        pixel=torch.from_numpy(pixel),
        visible=torch.from_numpy(visible.astype(np.float32)),
    )
