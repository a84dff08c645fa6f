"""One training run: ask the schedule, train, look at GATE, tell the schedule; until the budget is spent.

The run is the same, bit for bit, whether or not it was killed and taken up again, on the same device and number of
threads: schedules are pure functions of the history, the data order is a pure function of (seed, step), and training
pauses only at fixed points of the FLOPs axis.
"""

import math
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import numpy as np
import torch

from curricula.budget import Budget
from curricula.history import Result
from curricula.ladder import Ladder
from curricula.progress import Progress
from curricula.provenance import made_with
from curricula.records import COLLAPSED, FINISHED, CurvePoint, Exposure, RunConfig, RunRecord
from curricula.schedules import schedules
from curricula.stages import JOINT, Stage
from envs import Contract, Play, words
from envs.episodes import Cell, Score, Split
from envs.errors import UserError
from vla import (
    Frames,
    Learner,
    LearningRate,
    Normalisation,
    PolicyActor,
    Vocabulary,
    load,
    new_policy,
    save_policy,
    score,
    sizes,
    train,
    training_flops,
)
from vla.tokens import MAX_WORDS

RECORD, POLICY, STATE, LOG = "run.json", "policy.safetensors", "state", "log.jsonl"
PAUSES = 100  # points of the FLOPs axis where training may pause to save
SAVE_EVERY = 20.0  # [s] of work that a kill can cost, at most, beside one pause
ROUNDING = 1e-9  # of the budget

Watch = Callable[[str, float], None]
"""Told (phase, fraction of the budget spent) now and then."""


def run(config: RunConfig, data: Mapping[Cell, Path], out: Path, watch: Watch = lambda phase, spent: None) -> RunRecord:
    """Trains one policy in `out` and leaves `run.json` and `policy.safetensors` there; goes on where it was killed.

    `data` holds the folder of TRAIN demonstrations of every cell of the ladder."""
    if (out / RECORD).exists():
        return RunRecord.load(out / RECORD)
    if config.device != "cpu" and not torch.cuda.is_available():
        raise UserError(f"The device {config.device} was asked for, and torch finds no GPU here; use cpu.")
    torch.set_num_threads(config.threads)
    schedule, ladder, budget = schedules[config.schedule], Ladder(config.cells), Budget(config.budget)
    frames = {cell: load(data[cell]) for cell in config.cells}
    progress, learner = Progress.load(out / STATE, config) or (Progress(config), begin(config, frames, budget))
    clock = Stopwatch(progress.seconds)
    rate = LearningRate(peak=config.peak_rate)

    while not learner.collapsed:
        update = len(progress.history)
        stage = schedule.next_stage(ladder, progress.history, budget, np.random.default_rng([config.seed, update]))
        if stage is None:
            break
        end = sum(result.stage.share for result in progress.history) + stage.share
        for pause in pauses(learner.flops / budget.flops, end, config.dev_points):
            watch("train", learner.flops / budget.flops)
            with clock("train"):
                report = train(
                    learner,
                    frames,
                    stage.mixture,
                    stage.objectives,
                    until_flops=pause * budget.flops,
                    budget_flops=budget.flops,
                    rate=rate,
                    frozen=stage.frozen,
                    log=out / LOG,
                )
            if report.collapsed:
                break
            point = (len(progress.curve) + 1) / max(1, config.dev_points)
            if len(progress.curve) < config.dev_points and point <= pause + ROUNDING:
                watch("dev", pause)
                with clock("dev"):
                    scores, _ = look(learner, config, config.cells, Split.DEV, config.dev_episodes)
                progress.curve.append(CurvePoint(point, learner.step, scores))
            if pause < end - ROUNDING and clock.since_save() > SAVE_EVERY:
                progress.save(out / STATE, learner)
                clock.saved()
        progress.history.append(close(stage, progress, learner, clock, watch))
        progress.save(out / STATE, learner)
        clock.saved()

    save_policy(learner.average, out / POLICY, note={"schedule": config.schedule, "seed": config.seed})
    record = sum_up(progress, learner, frames)
    record.save(out / RECORD)
    shutil.rmtree(out / STATE)
    return record


def begin(config: RunConfig, frames: Mapping[Cell, Frames], budget: Budget) -> Learner:
    """A new learner; every arm of a seed starts from the same weights and the same normalisation."""
    policy = new_policy(
        sizes[config.model], Vocabulary.of(words()), Normalisation.of(frames.values()), Contract(), config.seed
    )
    budget.admit_step(training_flops(policy, JOINT, config.batch, MAX_WORDS))
    return Learner(policy, config.seed, batch=config.batch, device=config.device)


def close(stage: Stage, progress: Progress, learner: Learner, clock: "Stopwatch", watch: Watch) -> Result:
    """Looks at GATE as far as the stage asks, and charges for it. What is left of the budget decides whether anybody
    could still use the answer."""
    gate: dict[Cell, Score] = {}
    config = progress.config
    if stage.gate and not learner.collapsed and learner.flops < config.budget:
        watch("gate", learner.flops / config.budget)
        with clock("gate"):
            gate, flops = look(learner, config, stage.gate, Split.GATE, config.gate_episodes)
        Budget(config.budget).admit_gate(flops)
        learner.flops += flops
        progress.gate_flops += flops
    before = sum(result.steps for result in progress.history)
    return Result(stage, learner.flops / config.budget, gate, dict(learner.smooth), learner.step - before)


def look(
    learner: Learner, config: RunConfig, cells: tuple[Cell, ...], split: Split, episodes: int
) -> tuple[dict[Cell, Score], float]:
    """Closed-loop success of the averaged policy on each cell, and the inference FLOPs that it took."""
    actor = PolicyActor(learner.average, name=config.schedule)
    outcomes = score(actor, cells, split, episodes, how=Play(threads=config.threads))
    by_cell = {cell: [o for o in outcomes if o.episode.cell == cell] for cell in cells}
    return {cell: Score.of(here) for cell, here in by_cell.items()}, actor.flops


def pauses(spent: float, end: float, dev_points: int) -> Iterator[float]:
    """The points in (spent, end] where training pauses: a fixed grid, the points of the DEV curve, and the end."""
    grid = {k / PAUSES for k in range(1, PAUSES + 1)} | {k / dev_points for k in range(1, dev_points + 1)} | {end}
    apart = sorted(point for point in grid if spent + ROUNDING < point <= end + ROUNDING)
    for point, following in pairwise([*apart, math.inf]):
        if following - point > ROUNDING:  # else they are two names of one point
            yield point


def sum_up(progress: Progress, learner: Learner, frames: Mapping[Cell, Frames]) -> RunRecord:
    """The record of a run that is over."""
    exposure = {
        cell: Exposure(learner.samples.get(cell, 0), data.frames, data.episodes, data.fingerprint)
        for cell, data in frames.items()
    }
    return RunRecord(
        config=progress.config,
        status=COLLAPSED if learner.collapsed else FINISHED,
        steps=learner.step,
        flops={"training": learner.flops - progress.gate_flops, "gate": progress.gate_flops},
        seconds=progress.seconds,
        stages=tuple(progress.history),
        curve=tuple(progress.curve),
        exposure=exposure,
        made_with=made_with(),
    )


class Stopwatch:
    """Adds the seconds of each phase to `seconds`, and knows how long the last save is ago."""

    def __init__(self, seconds: dict[str, float]) -> None:
        self.seconds = seconds
        self.saved()

    @contextmanager
    def __call__(self, phase: str) -> Iterator[None]:
        start = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[phase] = self.seconds.get(phase, 0.0) + time.perf_counter() - start

    def saved(self) -> None:
        self.last_save = time.perf_counter()

    def since_save(self) -> float:
        return time.perf_counter() - self.last_save
