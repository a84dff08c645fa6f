"""One training run: ask the schedule, train, look at GATE, tell the schedule; until the budget is spent.

The run is the same, bit for bit, whether or not it was killed and taken up again, on the same device and number of
threads: schedules are pure functions of the history, the data order is a pure function of (seed, step), and training
pauses only at fixed points of the FLOPs axis.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import torch

from curricula import provenance
from curricula.budget import Budget
from curricula.history import Result
from curricula.ladder import Ladder
from curricula.progress import Progress, Segment
from curricula.records import COLLAPSED, FINISHED, CurvePoint, Exposure, RunConfig, RunRecord
from curricula.schedules import schedules
from curricula.stages import JOINT, Stage
from envs import Contract, words
from envs.episodes import Cell, Score, Split
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

RECORD, POLICY, STATE, LOG = "run.json", "policy.safetensors", "state", "log"
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
    torch.set_num_threads(config.threads)
    schedule, ladder, budget = schedules[config.schedule], Ladder(config.cells), Budget(config.budget)
    frames = {cell: load(data[cell]) for cell in config.cells}
    progress, learner = Progress.load(out / STATE, config) or (Progress(config), begin(config, frames, budget))
    clock = Stopwatch(progress.seconds)
    rate, status = LearningRate(peak=config.peak_rate), FINISHED

    while status == FINISHED:
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
            progress.segment.add(report.steps, dict(report.losses))
            if report.collapsed:
                status = COLLAPSED
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
        close_stage(progress, learner, stage, clock, watch, budget, status)
        progress.save(out / STATE, learner)
        clock.saved()

    save_policy(learner.average, out / POLICY, note={"schedule": config.schedule, "seed": config.seed})
    record = sum_up(progress, learner, frames, status)
    record.save(out / RECORD)
    for file in (out / STATE).iterdir():
        file.unlink()
    (out / STATE).rmdir()
    return record


def begin(config: RunConfig, frames: Mapping[Cell, Frames], budget: Budget) -> Learner:
    """A new learner; every arm of a seed starts from the same weights and the same normalisation."""
    policy = new_policy(
        sizes[config.model], Vocabulary.of(words()), Normalisation.of(frames.values()), Contract(), config.seed
    )
    budget.admits(training_flops(policy, JOINT, config.batch))
    return Learner.new(policy, config.seed, batch=config.batch, device=config.device)


def close_stage(
    progress: Progress, learner: Learner, stage: Stage, clock: "Stopwatch", watch: Watch, budget: Budget, status: str
) -> None:
    """Looks at GATE as far as the stage asks, charges for it, and writes the stage into the history."""
    gate: dict[Cell, Score] = {}
    if stage.gate and status == FINISHED and learner.flops < budget.flops:
        watch("gate", learner.flops / budget.flops)
        with clock("gate"):
            gate, flops = look(learner, progress.config, stage.gate, Split.GATE, progress.config.gate_episodes)
        learner.flops += flops
        progress.gate_flops += flops
    spent = learner.flops / budget.flops
    segment = progress.segment
    progress.history.append(Result(stage, spent, gate, segment.means(), segment.steps))
    progress.segment = Segment()


def look(
    learner: Learner, config: RunConfig, cells: tuple[Cell, ...], split: Split, episodes: int
) -> tuple[dict[Cell, Score], float]:
    """Closed-loop success of the averaged policy on each cell, and the inference FLOPs that it took."""
    actor = PolicyActor(learner.average, name=config.schedule)
    outcomes = score(actor, cells, split, episodes, threads=config.threads)
    return {cell: Score.of(o for o in outcomes if o.episode.cell == cell) for cell in cells}, actor.flops


def pauses(spent: float, end: float, dev_points: int) -> Iterator[float]:
    """The points in (spent, end] where training pauses: a fixed grid, the points of the DEV curve, and the end."""
    grid = {k / PAUSES for k in range(1, PAUSES + 1)} | {k / dev_points for k in range(1, dev_points + 1)} | {end}
    apart = sorted(point for point in grid if spent + ROUNDING < point <= end + ROUNDING)
    for point, following in zip(apart, [*apart[1:], 2.0], strict=True):
        if following - point > ROUNDING:  # two names of one point
            yield point


def sum_up(progress: Progress, learner: Learner, frames: Mapping[Cell, Frames], status: str) -> RunRecord:
    """The record of a run that is over."""
    exposure = {
        cell: Exposure(learner.samples.get(cell, 0), data.frames, data.episodes, data.fingerprint)
        for cell, data in frames.items()
    }
    made_with = {"versions": provenance.versions(), "commit": provenance.commit(), "machine": provenance.machine()}
    return RunRecord(
        config=progress.config,
        status=status,
        steps=learner.step,
        flops={"training": learner.flops - progress.gate_flops, "gate": progress.gate_flops},
        seconds=progress.seconds,
        stages=tuple(progress.history),
        curve=tuple(progress.curve),
        exposure=exposure,
        made_with=made_with,
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
