"""Writing a dataset episode by episode, so that a run that is cut off goes on where it stopped.

Columns grow in a folder `<name>.partial` beside the final one, a journal line follows each finished episode, and the
folder gets its name when all is there. What lies behind the last journal line is cut off on resuming.
"""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from envs.episodes import Cell, Split, level_name
from envs.errors import UserError
from envs.spaces import Contract
from envs.storage import write_bytes, writing
from vla.commit import git_commit
from vla.datasets import (
    FORMAT,
    FORMAT_VERSION,
    HEADER_BYTES,
    MANIFEST,
    column_file,
    column_layout,
    digest,
    fingerprint,
)

JOURNAL = "journal.jsonl"
PLAN = "plan.json"


@dataclass(frozen=True)
class Recording:
    """What a dataset is to hold: the episodes `start` to `start + count` of one split of one cell."""

    cell: Cell
    tier_version: int
    split: Split
    start: int
    count: int
    contract: Contract

    def to_json(self) -> dict[str, Any]:
        return {
            "format": FORMAT,
            "format_version": FORMAT_VERSION,
            "tier": self.cell.tier,
            "tier_version": self.tier_version,
            "level": self.cell.level,
            "split": self.split.value,
            "start": self.start,
            "count": self.count,
            "contract": json.loads(json.dumps(self.contract.to_json())),
        }

    def refuse_other(self, found: dict[str, Any], folder: Path) -> None:
        """Raises `UserError` if `folder`, whose plan is `found`, holds something else."""
        wanted = self.to_json()
        other = {key for key in wanted if found.get(key) != wanted[key]}
        if other:
            told = "; ".join(f"{key} {found.get(key)} instead of {wanted[key]}" for key in wanted if key in other)
            raise UserError(f"{folder} holds another dataset ({told}): choose another folder or remove that one.")


class DatasetWriter:
    """Takes the episodes of a recording in the order of their indices, the failed ones too; `done` of them are in."""

    def __init__(self, recording: Recording, out: Path) -> None:
        self.recording, self.out = recording, out
        self.folder = out.with_name(out.name + ".partial")
        self.layout = column_layout(recording.contract)
        if out.exists() and (not out.is_dir() or any(out.iterdir())):
            raise UserError(f"{out} is in the way of the new dataset: choose another folder or remove it.")
        with writing(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
            self.entries = self._resume()
            self._columns = {name: open(column_file(self.folder, name), "ab") for name in self.layout}  # noqa: SIM115
            self._journal: IO[bytes] = open(self.folder / JOURNAL, "ab")  # noqa: SIM115

    @property
    def done(self) -> int:
        return len(self.entries)

    def add(self, index: int, instruction: str, columns: dict[str, NDArray] | None, failure: str = "") -> None:
        """The episode `index` with its columns (T, …), or without them when it failed."""
        expected = self.recording.start + self.done
        if index != expected:
            raise ValueError(f"episodes come in order: {expected} is next, not {index}")
        entry: dict[str, Any] = {"index": index, "instruction": instruction, "frames": 0, "failure": failure}
        with writing(self.folder):
            if columns is not None:
                rows = {name: self._checked(name, columns[name], index) for name in self.layout}
                entry |= {"frames": len(rows["state"]), "digest": digest(rows)}
                for name, column in rows.items():
                    self._columns[name].write(column.tobytes())
                    self._columns[name].flush()
            self._journal.write(json.dumps(entry).encode() + b"\n")
            self._journal.flush()
        self.entries.append(entry)

    def finish(self) -> None:
        """Give the complete dataset its name."""
        if self.done != self.recording.count:
            raise ValueError(f"{self.done} of {self.recording.count} episodes are in")
        frames = sum(entry["frames"] for entry in self.entries)
        self.close()
        manifest = self.recording.to_json() | {
            "episodes": self.entries,
            "frames": frames,
            "fingerprint": fingerprint([entry["digest"] for entry in self.entries if entry["frames"]]),
            "git_commit": git_commit(),
        }
        with writing(self.out):
            for name, (dtype, shape) in self.layout.items():
                with open(column_file(self.folder, name), "r+b") as file:
                    file.write(npy_header(dtype, (frames, *shape)))
                    file.flush()
                    os.fsync(file.fileno())
            write_bytes(self.folder / MANIFEST, json.dumps(manifest, indent=1).encode())
            os.replace(self.folder, self.out)
            (self.out / JOURNAL).unlink()
            (self.out / PLAN).unlink()

    def close(self) -> None:
        for file in (*self._columns.values(), self._journal):
            file.close()

    def _resume(self) -> list[dict[str, Any]]:
        """The entries of the journal; columns are cut to what they tell."""
        plan = self.folder / PLAN
        if not plan.exists():
            write_bytes(plan, json.dumps(self.recording.to_json()).encode())
            (self.folder / JOURNAL).unlink(missing_ok=True)
        self.recording.refuse_other(json.loads(plan.read_text()), self.folder)
        journal = self.folder / JOURNAL
        whole = journal.read_bytes().rpartition(b"\n")[0] if journal.exists() else b""
        entries = [json.loads(line) for line in whole.splitlines()]
        journal.write_bytes(b"".join(line + b"\n" for line in whole.splitlines()))
        frames = sum(entry["frames"] for entry in entries)
        for name, (dtype, shape) in self.layout.items():
            with open(column_file(self.folder, name), "ab") as file:
                size = HEADER_BYTES + frames * dtype.itemsize * int(np.prod(shape))
                if file.tell() < size and entries:
                    raise UserError(f"{self.folder} is damaged: {name} is shorter than its journal; remove it.")
                file.truncate(size)
        return entries

    def _checked(self, name: str, column: NDArray, index: int) -> NDArray:
        dtype, shape = self.layout[name]
        column = np.asarray(column)
        if column.dtype != dtype or column.shape[1:] != shape:
            raise ValueError(f"column {name} is {column.dtype} {column.shape[1:]}, not {dtype} {shape}")
        if dtype == np.float32 and not np.isfinite(column).all():
            what = f"{self.recording.cell.tier}-{level_name(self.recording.cell.level)} {index}"
            raise UserError(f"Episode {what} holds numbers that are not finite in '{name}'; it was not recorded.")
        return column


def npy_header(dtype: np.dtype, shape: tuple[int, ...]) -> bytes:
    """The header of an .npy file (format 1.0), filled up to HEADER_BYTES."""
    told = repr({"descr": np.lib.format.dtype_to_descr(dtype), "fortran_order": False, "shape": shape}).encode()
    magic = np.lib.format.magic(1, 0)
    length = HEADER_BYTES - len(magic) - 2
    return magic + length.to_bytes(2, "little") + told.ljust(length - 1) + b"\n"
