"""How good a policy is: success in closed loop, and losses on demonstrations it was not trained on."""

from collections.abc import Iterable, Mapping

import numpy as np
import torch

from envs import Actor, Cell, Episode, Outcome, Play, Split, play
from vla.augmentation import Augmentation
from vla.bar import Bar
from vla.datasets import Frames
from vla.policy import OBJECTIVES, Policy
from vla.sampler import Source, gather, step_rng

PLAIN = Augmentation(brightness=0.0, drop_state=0.0)
LOSS_ROWS = 64  # frames in one pass


def score(
    actor: Actor,
    cells: Iterable[Cell],
    split: Split,
    episodes: int,
    start: int = 0,
    how: Play = Play(),  # noqa: B008  frozen
    bar: Bar | None = None,
) -> list[Outcome]:
    """Play the episodes `start` to `start + episodes` of each cell to their horizon; outcomes in the order of cells and
    indices. Give the result to `Score.of`, cell by cell."""
    asked = [Episode(cell.tier, cell.level, split, start + i) for cell in cells for i in range(episodes)]
    outcomes: dict[Episode, Outcome] = {}
    for tick in play(actor, asked, how):
        for outcome in tick.ended:
            if outcome is not None:
                outcomes[outcome.episode] = outcome
                if bar is not None:
                    bar.update(1)
    return [outcomes[episode] for episode in asked]


def held_out_losses(policy: Policy, data: Mapping[Cell, Frames], rows: int = 512) -> dict[Cell, dict[str, float]]:
    """The loss of each objective on `rows` frames of each cell, always the same ones, without augmentation."""
    source = Source(data, policy.vocabulary)
    device = next(policy.parameters()).device
    objectives = dict.fromkeys(OBJECTIVES, 1.0)
    losses = {}
    for number, (cell, frames) in enumerate(sorted(data.items())):
        chosen = np.sort(step_rng(number, 0).integers(0, frames.frames, rows))
        told = []
        for first in range(0, rows, LOSS_ROWS):
            block = chosen[first : first + LOSS_ROWS]
            batch = gather(source, {cell: block}, policy.config.chunk, PLAIN, step_rng(number, first))
            with torch.inference_mode():
                found = policy.losses(batch.to(device), objectives)
            told.append({name: loss.item() * len(block) / rows for name, loss in found.items()})
        losses[cell] = {name: sum(part[name] for part in told) for name in OBJECTIVES}
    return losses
