"""Demonstrations: the expert plays under disturbance, and what succeeds is recorded with the clean actions."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from envs import Contract, Episode, Expert, Outcome, Play, Split, Tick, play, tiers
from envs.episodes import Cell
from envs.errors import UserError
from envs.spaces import CONTROL_HZ, IMAGE_SIZE
from vla.bar import Bar
from vla.datasets import MANIFEST, read_manifest
from vla.recording import DatasetWriter, Recording

REST_SECONDS = 1.0  # that a demonstration holds still after success


@dataclass(frozen=True)
class Yield:
    """What came of generating: successful episodes are `kept`, the others counted by kind of failure."""

    folder: Path
    asked: int
    kept: int
    failures: dict[str, int]
    frames: int
    megabytes: float
    seconds: float  # spent on the episodes played now; 0 when all were there already
    played: int  # episodes played now

    @property
    def rate(self) -> float:
        return self.kept / self.asked

    @property
    def episodes_per_second(self) -> float:
        return self.played / self.seconds if self.seconds else float("nan")


def generate(
    tier: str,
    level: float,
    split: Split,
    start: int,
    count: int,
    out: Path,
    slots: int = 64,
    threads: int = 0,
    image_size: int = IMAGE_SIZE,
    bar: Bar | None = None,
) -> Yield:
    """Record the demonstrations `start` to `start + count` in folder `out`, going on where an earlier call was cut off.

    What is recorded depends neither on `slots` nor on `threads`.
    """
    if count < 1:
        raise UserError(f"At least one demonstration must be asked for; {count} were.")
    contract = Contract(image_size=image_size)
    recording = Recording(Cell(tier, level), tiers[tier].version, split, start, count, contract)
    out = Path(out)
    if (out / MANIFEST).is_file():
        recording.refuse_other(read_manifest(out), out)
        return _told(out, count, 0, 0.0)
    writer = DatasetWriter(recording, out)
    begun, before = time.perf_counter(), writer.done
    if bar is not None:
        bar.update(before)
    try:
        episodes = [Episode(tier, level, split, start + i) for i in range(before, count)]
        how = Play(slots, threads, image_size, hold=round(REST_SECONDS * CONTROL_HZ), disturbed=True)
        _record(writer, episodes, how, bar)
        writer.finish()
    finally:
        writer.close()
    return _told(out, count, count - before, time.perf_counter() - begun)


def _record(writer: DatasetWriter, episodes: Sequence[Episode], how: Play, bar: Bar | None) -> None:
    """Episodes end in any order and are written in the order of their indices."""
    running: dict[int, list[dict[str, NDArray]]] = {}
    waiting: dict[int, tuple[Outcome, list[dict[str, NDArray]]]] = {}
    for tick in play(Expert(), episodes, how):
        rows = _rows(tick, writer.recording.contract)
        for i, episode in enumerate(tick.episodes):
            running.setdefault(episode.index, []).append({name: column[i] for name, column in rows.items()})
            outcome = tick.ended[i]
            if outcome is not None:
                waiting[episode.index] = (outcome, running.pop(episode.index))
        while (following := writer.recording.start + writer.done) in waiting:
            outcome, steps = waiting.pop(following)
            columns = {name: np.stack([step[name] for step in steps]) for name in writer.layout}
            failure = "" if outcome.success_at_end else outcome.error or outcome.failure
            writer.add(following, outcome.instruction, columns if outcome.success_at_end else None, failure)
            if bar is not None:
                bar.update(1)


def _rows(tick: Tick, contract: Contract) -> dict[str, NDArray]:
    """The columns of a dataset for each active simulation."""
    return {
        "pixels": np.stack([tick.observation["pixels"][camera] for camera in contract.cameras], axis=1),
        "state": tick.observation["agent_pos"],
        "actions": tick.actions,
        "position": tick.labels.position,
        "pixel": tick.labels.pixel,
        "visible": tick.labels.visible,
        "plan_step": tick.labels.plan_step,
        "plan_skill": tick.labels.plan_skill,
    }


def _told(out: Path, asked: int, played: int, seconds: float) -> Yield:
    """The yield of a finished dataset, from its manifest."""
    manifest = read_manifest(out)
    failures: dict[str, int] = {}
    for episode in manifest["episodes"]:
        if not episode["frames"]:
            failures[episode["failure"]] = failures.get(episode["failure"], 0) + 1
    return Yield(
        folder=out,
        asked=asked,
        kept=asked - sum(failures.values()),
        failures=failures,
        frames=manifest["frames"],
        megabytes=sum(file.stat().st_size for file in out.glob("*.npy")) / 1e6,
        seconds=seconds,
        played=played,
    )
