"""Demonstrations: the expert plays under disturbance, and what succeeds is recorded with the clean actions."""

import os
import shutil
import time
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from envs import Contract, Episode, Expert, Outcome, Play, Split, Tick, play, tiers
from envs.errors import UserError
from envs.pools import Level
from envs.situations import situation
from envs.spaces import CONTROL_HZ, IMAGE_SIZE
from vla.bar import Bar
from vla.columns import Columns, digest, number_columns
from vla.packing import pack, spreads
from vla.publishing import dataset_files, publish
from vla.recording import MANIFEST, Recording, read_manifest
from vla.selection import Selection, measure
from vla.staging import Entry, Staging, staging_folder

REST_SECONDS = 1.0  # that a demonstration holds still after success
QUEUE = 16  # episodes that wait to be packed, for each thread that packs


@dataclass(frozen=True)
class Yield:
    """What came of generating: successful episodes are `kept`, the others counted by kind of failure."""

    folder: Path
    asked: int
    kept: int
    failures: dict[str, int]
    layouts: Selection
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
    level: Level,
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

    `level` is a data level, or `pools.POOL`. What is recorded depends neither on `slots` nor on `threads`.
    """
    if count < 1:
        raise UserError(f"At least one demonstration must be asked for; {count} were.")
    recording, out = Recording(tiers[tier].name, level, split, start, count, Contract(image_size=image_size)), Path(out)
    begun, played = time.perf_counter(), 0
    if (out / MANIFEST).is_file():
        recording.refuse_other(read_manifest(out)["plan"], out)
        shutil.rmtree(staging_folder(out), ignore_errors=True)  # left by a kill after the last step
    else:
        played = _record(recording, out, Play(slots, threads, image_size), bar)
    return _told(out, played, time.perf_counter() - begun if played else 0.0)


def _record(recording: Recording, out: Path, how: Play, bar: Bar | None) -> int:
    """Returns how many episodes had to be played."""
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise UserError(f"{out} is in the way of the new dataset: choose another folder or remove it.")
    staging = Staging(recording, out)
    try:
        if bar is not None:
            bar.update(len(staging.entries))
        left = [recording.episode(index) for index in recording.indices if index not in staging.entries]
        _play(staging, recording, left, how, bar)
        publish(staging, recording, out)
    finally:
        staging.close()
    return len(left)


def _play(staging: Staging, recording: Recording, episodes: Sequence[Episode], how: Play, bar: Bar | None) -> None:
    """Play `episodes` and keep them as they end. Packing, pictures above all, goes on beside the simulation."""
    hold = round(REST_SECONDS * CONTROL_HZ)
    how = Play(how.slots, how.threads, how.image_size, hold=hold, disturbed=True)
    running: dict[int, list[dict[str, NDArray]]] = {}
    packed: deque[Future[tuple[Entry, bytes]]] = deque()
    threads = how.threads or os.cpu_count() or 1

    def keep(most: int) -> None:
        """Keep what is packed, in the order in which it ended, until at most so many wait."""
        while packed and (len(packed) > most or packed[0].done()):
            staging.add(*packed.popleft().result())
            if bar is not None:
                bar.update(1)

    with ThreadPoolExecutor(threads) as packers:
        for tick in play(Expert(), episodes, how):
            rows = _rows(tick, recording.contract)
            for i, episode in enumerate(tick.episodes):
                running.setdefault(episode.index, []).append({name: column[i] for name, column in rows.items()})
                outcome = tick.ended[i]
                if outcome is not None:
                    packed.append(packers.submit(pack_episode, recording, outcome, running.pop(episode.index)))
            keep(QUEUE * threads)
        keep(0)


def pack_episode(recording: Recording, outcome: Outcome, steps: list[dict[str, NDArray]]) -> tuple[Entry, bytes]:
    """An episode as the recording keeps it; without frames if it failed."""
    episode, contract = outcome.episode, recording.contract
    scene = situation(tiers[episode.tier], episode)
    entry: Entry = {
        "index": episode.index,
        "instruction": outcome.instruction,
        "template": scene.instruction.template,
        "level": episode.level,
        "layout": measure(episode, scene),
        "frames": 0,
        "failure": outcome.error or outcome.failure,
        "digest": "",
    }
    if not outcome.success_at_end:
        return entry, b""
    columns = {name: np.stack([step[name] for step in steps]) for name in steps[0]}
    _refuse_infinite(columns, contract, episode)
    entry |= {"frames": len(steps), "digest": digest(columns), "spreads": spreads(columns, contract)}
    table, sink = pack(columns, contract), pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table)
    return entry, sink.getvalue().to_pybytes()


def _refuse_infinite(columns: Columns, contract: Contract, episode: Episode) -> None:
    for column in number_columns(contract):
        if not np.isfinite(columns[column.name]).all():
            raise UserError(f"Episode {episode.name} holds numbers that are not finite in '{column.name}'.")


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
        "success": tick.success,
    }


def _told(out: Path, played: int, seconds: float) -> Yield:
    """The yield of a finished dataset, from its manifest."""
    manifest = read_manifest(out)
    failures: dict[str, int] = {}
    for episode in manifest["episodes"]:
        if not episode["frames"]:
            failures[episode["failure"]] = failures.get(episode["failure"], 0) + 1
    asked = len(manifest["episodes"])
    return Yield(
        folder=out,
        asked=asked,
        kept=asked - sum(failures.values()),
        failures=failures,
        layouts=Selection.from_json(manifest["layouts"]),
        frames=sum(episode["frames"] for episode in manifest["episodes"]),
        megabytes=sum(file.stat().st_size for file in dataset_files(out)) / 1e6,
        seconds=seconds,
        played=played,
    )
