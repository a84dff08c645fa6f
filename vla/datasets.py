"""Demonstrations of one cell as training reads them: one memory-mapped array a column, whole episodes in order.

A folder holds `manifest.json` and one `.npy` file a column. It is complete or it is not there: see `vla.recording`.
"""

import hashlib
import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from envs.episodes import Cell, Split
from envs.errors import UserError
from envs.spaces import Contract
from vla.contracts import contract_from_json

FORMAT = "gradatim-frames"
FORMAT_VERSION = 1
MANIFEST = "manifest.json"
THINGS = 2  # that a plan step is about: its object and its target
HEADER_BYTES = 256  # of every .npy file, so that its length can be filled in when it is known


def column_layout(contract: Contract) -> dict[str, tuple[np.dtype, tuple[int, ...]]]:
    """Type and shape of one row of each column."""
    cameras, size = len(contract.cameras), contract.image_size
    return {
        "pixels": (np.dtype(np.uint8), (cameras, size, size, 3)),
        "state": (np.dtype(np.float32), (len(contract.state),)),
        "actions": (np.dtype(np.float32), (len(contract.action),)),
        "position": (np.dtype(np.float32), (THINGS, 3)),
        "pixel": (np.dtype(np.float32), (cameras, THINGS, 2)),
        "visible": (np.dtype(np.bool_), (cameras, THINGS)),
        "plan_step": (np.dtype(np.int16), ()),
        "plan_skill": (np.dtype(np.int16), ()),
    }


def column_file(folder: Path, column: str) -> Path:
    return folder / f"{column}.npy"


def digest(columns: dict[str, NDArray]) -> str:
    """Of the rows of one episode, all columns in order of their names."""
    total = hashlib.sha256()
    for name in sorted(columns):
        total.update(np.ascontiguousarray(columns[name]).data)
    return total.hexdigest()


def fingerprint(digests: list[str]) -> str:
    """Of a whole dataset, from those of its episodes in order."""
    return hashlib.sha256("".join(digests).encode()).hexdigest()


@dataclass(frozen=True, eq=False)
class Frames:
    """F frames of E successful episodes of one cell; C cameras."""

    folder: Path
    cell: Cell
    split: Split
    start: int  # first index asked for
    count: int  # indices asked for; the episodes that failed are not here
    contract: Contract
    manifest: dict[str, Any]
    fingerprint: str
    instructions: tuple[str, ...]  # (E,)
    index: NDArray[np.int64]  # (E,) index of the episode in its split
    bounds: NDArray[np.int64]  # (E + 1,) first frame of each episode, and F
    pixels: NDArray[np.uint8]  # (F, C, H, W, 3), memory-mapped
    state: NDArray[np.float32]  # (F, P)
    actions: NDArray[np.float32]  # (F, 7) clean
    position: NDArray[np.float32]  # (F, 2, 3) [m] object and target of the current plan step
    pixel: NDArray[np.float32]  # (F, C, 2, 2) their (u, v), in [-1, 1] inside the image
    visible: NDArray[np.bool_]  # (F, C, 2)
    plan_step: NDArray[np.int16]  # (F,)
    plan_skill: NDArray[np.int16]  # (F,)

    @property
    def episodes(self) -> int:
        return len(self.instructions)

    @property
    def frames(self) -> int:
        return len(self.state)

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


def load(folder: Path | str) -> Frames:
    """Open a dataset, having checked every byte; raises `UserError` if it is missing, foreign, empty or damaged."""
    folder = Path(folder)
    manifest = read_manifest(folder)
    contract = contract_from_json(manifest["contract"])
    kept = [episode for episode in manifest["episodes"] if episode["frames"]]
    if not kept:
        raise UserError(f"The dataset {folder} holds no successful episode.")
    bounds = np.concatenate([[0], np.cumsum([episode["frames"] for episode in kept])]).astype(np.int64)
    columns = {
        name: _open_column(folder, name, dtype, (int(bounds[-1]), *shape))
        for name, (dtype, shape) in column_layout(contract).items()
    }
    for name, column in columns.items():
        if column.dtype == np.float32 and not np.isfinite(column).all():
            raise UserError(f"The dataset {folder} is damaged: its column '{name}' holds numbers that are not finite.")
    for episode, first, last in zip(kept, bounds[:-1], bounds[1:], strict=True):
        if digest({name: column[first:last] for name, column in columns.items()}) != episode["digest"]:
            raise UserError(f"The dataset {folder} is damaged: episode {episode['index']} is not what was recorded.")
    if fingerprint([episode["digest"] for episode in kept]) != manifest["fingerprint"]:
        raise UserError(f"The dataset {folder} is damaged: its manifest does not agree with itself.")
    return Frames(
        folder=folder,
        cell=Cell(manifest["tier"], float(manifest["level"])),
        split=Split(manifest["split"]),
        start=int(manifest["start"]),
        count=int(manifest["count"]),
        contract=contract,
        manifest=manifest,
        fingerprint=manifest["fingerprint"],
        instructions=tuple(episode["instruction"] for episode in kept),
        index=np.array([episode["index"] for episode in kept], np.int64),
        bounds=bounds,
        **columns,
    )


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of a complete dataset; raises `UserError` where there is none."""
    path = folder / MANIFEST
    if not folder.is_dir():
        raise UserError(f"There is no dataset at {folder}.")
    if not path.is_file():
        what = "is empty" if not any(folder.iterdir()) else f"has no {MANIFEST}"
        raise UserError(f"{folder} is no dataset of Gradatim: the folder {what}.")
    try:
        manifest = json.loads(path.read_text())
    except (ValueError, OSError) as error:
        raise UserError(f"The dataset {folder} is damaged: its {MANIFEST} cannot be read ({error}).") from error
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise UserError(f"{folder} is no dataset of Gradatim: its {MANIFEST} is of another kind.")
    if manifest.get("format_version") != FORMAT_VERSION:
        found = manifest.get("format_version")
        raise UserError(f"The dataset {folder} has format version {found}; this version reads {FORMAT_VERSION}.")
    return manifest


def _open_column(folder: Path, name: str, dtype: np.dtype, shape: tuple[int, ...]) -> NDArray:
    """Pixels stay on disk, memory-mapped; the other columns are small and are read whole."""
    path = column_file(folder, name)
    try:
        column = np.load(path, mmap_mode="r" if name == "pixels" else None, allow_pickle=False)
    except (OSError, ValueError) as error:
        raise UserError(f"The dataset {folder} is damaged: {path.name} cannot be read ({error}).") from error
    if column.shape != shape or column.dtype != dtype:
        found, wanted = f"{column.dtype} {column.shape}", f"{dtype} {shape}"
        raise UserError(f"The dataset {folder} is damaged: {path.name} holds {found} where {wanted} belongs.")
    return column
