"""Demonstrations of one cell, or of a tier's pool, as training reads them: whole episodes in order, one array a column.

On disk they are a LeRobot dataset, see `vla.lerobot`; what is read here comes from its cache, see `vla.cache`.
"""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from envs.episodes import Cell, Split
from envs.errors import UserError
from envs.spaces import Contract
from vla.cache import Stored, open_columns
from vla.recording import Recording, read_manifest, refuse_foreign


@dataclass(frozen=True, eq=False)
class Frames:
    """F frames of E successful episodes; C cameras."""

    folder: Path
    name: str  # such as reach@easy or reach@pool
    tier: str
    cell: Cell | None  # None: a pool, in which each episode has a level of its own
    split: Split
    start: int  # first index asked for
    count: int  # indices asked for; the episodes that failed are not here
    contract: Contract
    manifest: dict[str, Any]
    fingerprint: str
    instructions: tuple[str, ...]  # (E,)
    index: NDArray[np.int64]  # (E,) index of the episode in its split
    level: NDArray[np.float64]  # (E,) data level
    bounds: NDArray[np.int64]  # (E + 1,) first frame of each episode, and F
    pixels: NDArray[np.uint8]  # (F, C, H, W, 3), memory-mapped
    state: NDArray[np.float32]  # (F, P)
    actions: NDArray[np.float32]  # (F, 7) clean
    position: NDArray[np.float32]  # (F, 2, 3) [m] object and target of the current plan step
    pixel: NDArray[np.float32]  # (F, C, 2, 2) their (u, v), in [-1, 1] inside the image
    visible: NDArray[np.bool_]  # (F, C, 2)
    plan_step: NDArray[np.int16]  # (F,)
    plan_skill: NDArray[np.int16]  # (F,)
    success: NDArray[np.bool_]  # (F,) after the action

    @property
    def episodes(self) -> int:
        return len(self.instructions)

    @property
    def frames(self) -> int:
        return len(self.state)

    @property
    def skills(self) -> tuple[str, ...]:
        """Names of the skills that `plan_skill` numbers."""
        return tuple(self.manifest["plan"]["skills"])

    @cached_property
    def episode_of(self) -> NDArray[np.int64]:
        """(F,) number of the episode, from 0, that a frame belongs to."""
        return np.repeat(np.arange(self.episodes), np.diff(self.bounds))

    def chunk(self, rows: NDArray[np.int64], size: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Actions (B, size, 7) from each row on, and 1 where they lie within the episode (B, size), else 0; beyond its
        end the last action is repeated."""
        ends = self.bounds[self.episode_of[rows] + 1]
        ahead = rows[:, None] + np.arange(size)
        valid = ahead < ends[:, None]
        return self.actions[np.minimum(ahead, ends[:, None] - 1)], valid.astype(np.float32)


def load(folder: Path | str, foreign: bool = False, threads: int = 0) -> Frames:
    """Open a dataset; raises `UserError` if it is missing, of another kind, empty or damaged.

    The first time every frame is decoded and compared with what was recorded, on `threads` (0: every core); from then
    on that is known. With `foreign`, what another version of a tier or of the engine made is opened too: to look at.
    """
    folder = Path(folder)
    manifest = read_manifest(folder)
    if not foreign:
        refuse_foreign(manifest["plan"], folder)
    recording = Recording.from_json(manifest["plan"])
    kept = [episode for episode in manifest["episodes"] if episode["frames"]]
    if not kept:
        raise UserError(f"The dataset {folder} holds no successful episode.")
    stored = Stored(folder, manifest["fingerprint"], recording.contract, manifest["files"], kept)
    return Frames(
        folder=folder,
        name=recording.name,
        tier=recording.tier,
        cell=None if isinstance(recording.level, str) else Cell(recording.tier, recording.level),
        split=recording.split,
        start=recording.start,
        count=recording.count,
        contract=recording.contract,
        manifest=manifest,
        fingerprint=manifest["fingerprint"],
        instructions=tuple(episode["instruction"] for episode in kept),
        index=np.array([episode["index"] for episode in kept], np.int64),
        level=np.array([episode["level"] for episode in kept]),
        bounds=stored.bounds,
        **open_columns(stored, threads),
    )
