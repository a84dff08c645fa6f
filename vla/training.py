"""The training loop, one for every schedule: it reads from top to bottom."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from pathlib import Path

import torch

from envs.episodes import Cell
from envs.errors import UserError, unknown
from vla.bar import Bar
from vla.compute import freeze, training_flops
from vla.contracts import refuse_mismatch
from vla.datasets import Frames
from vla.journal import Journal
from vla.learner import Learner
from vla.machine import keep_freed_memory
from vla.policy import OBJECTIVES
from vla.rate import LearningRate
from vla.sampler import Source, draw_batch

CLIP = 1.0  # largest norm of the gradient
LOG_EVERY = 20  # steps


@dataclass(frozen=True)
class StageReport:
    """What one call of `train` did, and how things stood at its end."""

    steps: int
    seconds: float
    flops: float
    collapsed: bool
    losses: dict[str, float]
    """Each objective's loss, the weighted `total` and the `gradient` norm, averaged over recent steps."""
    samples: dict[Cell, int]


def train(
    learner: Learner,
    data: Mapping[Cell, Frames],
    mixture: Mapping[Cell, float],
    objectives: Mapping[str, float],
    until_flops: float,
    budget_flops: float,
    rate: LearningRate,
    frozen: tuple[str, ...] = (),
    log: Path | None = None,
    save: Path | None = None,
    save_every: float = 60.0,
    bar: Bar | None = None,
) -> StageReport:
    """Train until the learner has spent `until_flops` of the `budget_flops` of its whole life.

    Give the `data` of the whole ladder, whatever the mixture. To stop at any `until_flops` and to go on, in the same
    process or after `Learner.load`, changes no bit. A loss or gradient that is not finite ends it: the step is not
    taken, and `learner.collapsed` says so. `save` is rewritten every `save_every` seconds; `log` gets a line of JSON
    every LOG_EVERY steps; `bar` is told the FLOPs of each step.
    """
    check(learner, data, mixture, objectives)
    keep_freed_memory()
    source = Source(data, learner.policy.vocabulary)
    cost = training_flops(learner.policy, objectives, learner.batch, source.length, frozen)
    freeze(learner.policy, frozen)
    weights = [weight for weight in learner.policy.parameters() if weight.requires_grad]
    chunk = learner.policy.config.chunk
    before = (learner.step, learner.flops, dict(learner.samples))
    begun = saved = time.perf_counter()
    journal = Journal(log, learner.step)

    while learner.flops < until_flops and not learner.collapsed:
        batch, rows = draw_batch(
            source, mixture, learner.seed, learner.step, learner.batch, chunk, learner.augmentation
        )
        losses = learner.policy.losses(batch.to(learner.device), objectives)
        total = torch.stack([objectives[name] * loss for name, loss in losses.items()]).sum()
        learner.optimizer.zero_grad()
        total.backward()
        norm = torch.nn.utils.clip_grad_norm_(weights, CLIP)

        numbers = torch.stack([*losses.values(), total, norm]).tolist()
        told = dict(zip((*losses, "total", "gradient"), numbers, strict=True))
        if not all(isfinite(value) for value in told.values()):
            learner.collapsed = True
            journal.write({"step": learner.step, "flops": learner.flops, "collapsed": True, **told})
            break
        now = rate(learner.flops / budget_flops)
        learner.note({cell: len(chosen) for cell, chosen in rows.items()}, told)
        learner.update(now)
        learner.flops += cost

        if learner.step % LOG_EVERY == 0:
            journal.write({"step": learner.step, "flops": learner.flops, "rate": now, **told})
        if save is not None and time.perf_counter() - saved > save_every:
            learner.save(save)
            saved = time.perf_counter()
        if bar is not None:
            bar.update(cost)

    journal.close()
    return StageReport(
        steps=learner.step - before[0],
        seconds=time.perf_counter() - begun,
        flops=learner.flops - before[1],
        collapsed=learner.collapsed,
        losses=dict(learner.smooth),
        samples={cell: count - before[2].get(cell, 0) for cell, count in learner.samples.items()},
    )


def check(
    learner: Learner, data: Mapping[Cell, Frames], mixture: Mapping[Cell, float], objectives: Mapping[str, float]
) -> None:
    """Raises `UserError` for a mixture without data, an unknown objective or data under another contract."""
    for cell, weight in mixture.items():
        if weight > 0 and cell not in data:
            raise unknown("training data for the cell", str(cell), [str(known) for known in data])
    for name in objectives:
        if name not in OBJECTIVES:
            raise unknown("objective", name, OBJECTIVES)
    if not any(weight > 0 for weight in mixture.values()) or not any(weight > 0 for weight in objectives.values()):
        raise UserError("Nothing to train: every weight of the mixture or of the objectives is zero.")
    for frames in data.values():
        refuse_mismatch(learner.policy.contract, frames.contract, "the policy", f"the dataset {frames.folder}")
