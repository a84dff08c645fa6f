"""The frames of a dataset, decoded once: one memory-mapped array a column, in a folder `<name>.cache` beside it.

Beside and not inside, so that a dataset that is copied, compared or uploaded with the field's tools is itself alone.
All of it can be made again from the dataset, so a cache that is damaged is: with a notice, never with an error.
"""

import fcntl
import json
import os
import shutil
import warnings
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from envs.errors import UserError
from envs.spaces import Contract
from envs.storage import write_json, writing
from vla.columns import PIXELS, Columns, all_columns, camera_key, digest, number_columns
from vla.packing import unpack_numbers, unpack_pictures
from vla.publishing import seal
from vla.recording import MANIFEST

ABOUT, VERSION = "about.json", 1
SAMPLED = 16  # episodes whose frames are compared with their digest each time a cache is opened
QUEUE = 4  # episodes that wait to be decoded, for each thread that decodes

Stamp = list[int]
"""Size [B] and time of the last change [ns] of a file."""


@dataclass(frozen=True)
class Stored:
    """A complete dataset on disk; `kept` are the manifest's entries of its E successful episodes."""

    folder: Path
    fingerprint: str
    contract: Contract
    files: dict[str, dict[str, Any]]
    kept: Sequence[dict[str, Any]]

    @property
    def bounds(self) -> NDArray[np.int64]:
        """(E + 1,) first frame of each episode, and F."""
        return np.concatenate([[0], np.cumsum([episode["frames"] for episode in self.kept])]).astype(np.int64)

    @property
    def cache(self) -> Path:
        return self.folder.with_name(self.folder.name + ".cache")

    def damaged(self, why: str) -> UserError:
        return UserError(f"The dataset {self.folder} is damaged: {why}; remove it and generate it again.")


def open_columns(stored: Stored, threads: int = 0) -> Columns:
    """The columns of all frames, from the cache, which is made or made again if need be. `threads=0`: every core.

    A dataset whose files were changed is refused, whether a cache is there or not.
    """
    with _alone(stored):
        columns = _cached(stored)
        if columns is not None:
            return columns
        _make(stored, threads or os.cpu_count() or 1)
        columns = _cached(stored)
    if columns is None:
        raise UserError(f"The frame cache {stored.cache} cannot be read back; is the disk sound?")
    return columns


@contextmanager
def _alone(stored: Stored) -> Iterator[None]:
    """Processes that open one dataset take turns, so that its cache is made once."""
    with open(stored.folder / MANIFEST) as manifest:
        fcntl.flock(manifest, fcntl.LOCK_EX)
        yield


def _cached(stored: Stored) -> Columns | None:
    """The columns in the cache, or None if there is none that can be trusted.

    Files that have not been changed since are trusted, but for a sample; others are compared byte by byte.
    """
    if not stored.cache.exists():
        return None
    try:
        about = json.loads((stored.cache / ABOUT).read_text())
        if about["version"] != VERSION or about["fingerprint"] != stored.fingerprint:
            return None  # of the dataset that stood here before
        columns = {column.name: _open(stored, column.name, column.dtype, column.shape) for column in _layout(stored)}
        untouched = about["columns"] == _stamps(stored.cache, [_file(name) for name in columns])
        episodes = range(len(stored.kept))
        for number in episodes[:: max(1, len(episodes) // SAMPLED)] if untouched else episodes:
            if not _agrees(stored, columns, number):
                raise ValueError(f"episode {stored.kept[number]['index']} is not what was recorded")
        unchanged = about["dataset"] == _dataset_stamps(stored)
    except (OSError, ValueError, KeyError, TypeError) as error:
        warnings.warn(f"The frame cache {stored.cache} is damaged ({error}); it is made again.", stacklevel=3)
        return None
    if not unchanged:
        check_files(stored)
    if not (untouched and unchanged):
        _write_about(stored, stored.cache)
    return columns


def check_files(stored: Stored, threads: int = 0) -> None:
    """Raises `UserError` unless every file of the dataset is, byte for byte, what was written."""
    with ThreadPoolExecutor(threads or os.cpu_count() or 1) as pool:
        for name, found in zip(stored.files, pool.map(lambda name: _sealed(stored, name), stored.files), strict=True):
            if found is None:
                raise stored.damaged(f"{name} is missing")
            if found != stored.files[name]:
                raise stored.damaged(f"{name} is not the file that was written")


def _sealed(stored: Stored, name: str) -> dict[str, Any] | None:
    path = stored.folder / name
    return seal(path) if path.is_file() else None


def _make(stored: Stored, threads: int) -> None:
    """Decode all frames into a new cache. Reading, decoding and writing go on side by side."""
    draft = stored.cache.with_name(f".{stored.cache.name}.draft")
    bounds = stored.bounds
    with writing(stored.cache):
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir()
        heads = {}
        for column in _layout(stored):
            with open(draft / _file(column.name), "wb") as file:
                shape = (int(bounds[-1]), *column.shape)
                told = {"descr": np.lib.format.dtype_to_descr(column.dtype), "fortran_order": False, "shape": shape}
                np.lib.format.write_array_header_1_0(file, told)
                heads[column.name] = file.tell()
        files = {name: os.open(draft / _file(name), os.O_WRONLY) for name in heads}
        try:
            with ThreadPoolExecutor(threads) as pool:
                waiting: list[Future[None]] = []
                for number, table in enumerate(_tables(stored)):
                    if number >= len(stored.kept):
                        raise stored.damaged("it holds more episodes than were recorded")
                    waiting.append(pool.submit(_decode, stored, number, table, files, heads, int(bounds[number])))
                    while len(waiting) > QUEUE * threads:
                        waiting.pop(0).result()
                for one in waiting:
                    one.result()
            check_files(stored, threads)
            for descriptor in files.values():
                os.fsync(descriptor)
        finally:
            for descriptor in files.values():
                os.close(descriptor)
        _write_about(stored, draft)
        shutil.rmtree(stored.cache, ignore_errors=True)
        os.replace(draft, stored.cache)


def _tables(stored: Stored) -> Iterator[pa.Table]:
    """The frames of each episode, in order."""
    contract = stored.contract
    keys = [*map(camera_key, contract.cameras), *(column.key for column in number_columns(contract))]
    try:
        for name in stored.files:
            if name.startswith("data/"):
                with pq.ParquetFile(stored.folder / name) as file:
                    for group in range(file.num_row_groups):
                        yield file.read_row_group(group, columns=keys, use_threads=False)
    except (OSError, pa.ArrowException, KeyError) as error:
        raise stored.damaged(f"{name} cannot be read ({str(error).splitlines()[0]})") from error


def _decode(
    stored: Stored, number: int, table: pa.Table, files: dict[str, int], heads: dict[str, int], first: int
) -> None:
    """One episode into its place. Written, not mapped: a full disk under a map kills the process."""
    try:
        columns = {PIXELS: unpack_pictures(table, stored.contract), **unpack_numbers(table, stored.contract)}
    except (ValueError, KeyError, pa.ArrowException) as error:
        raise stored.damaged(f"episode {stored.kept[number]['index']} cannot be decoded ({error})") from error
    if digest(columns) != stored.kept[number]["digest"]:
        raise stored.damaged(f"frames from {first} on are not what was recorded")
    for name, column in columns.items():
        data = np.ascontiguousarray(column).data.cast("B")
        place = heads[name] + first * (len(data) // len(column))
        while data:
            written = os.pwrite(files[name], data, place)
            data, place = data[written:], place + written


def _agrees(stored: Stored, columns: Columns, number: int) -> bool:
    first, last = stored.bounds[number : number + 2]
    return digest({name: column[first:last] for name, column in columns.items()}) == stored.kept[number]["digest"]


def _open(stored: Stored, name: str, dtype: np.dtype, shape: tuple[int, ...]) -> NDArray:
    """Pixels stay on disk, memory-mapped; the other columns are small and are read whole."""
    path = stored.cache / _file(name)
    column = np.load(path, mmap_mode="r" if name == PIXELS else None, allow_pickle=False)
    if column.shape != (int(stored.bounds[-1]), *shape) or column.dtype != dtype:
        raise ValueError(f"{path.name} holds {column.dtype} {column.shape}")
    return column


def _layout(stored: Stored) -> Any:
    return all_columns(stored.contract)


def _file(name: str) -> str:
    return f"{name}.npy"


def _stamps(folder: Path, names: Sequence[str]) -> dict[str, Stamp]:
    states = {name: (folder / name).stat() for name in names}
    return {name: [state.st_size, state.st_mtime_ns] for name, state in states.items()}


def _dataset_stamps(stored: Stored) -> dict[str, Stamp]:
    return _stamps(stored.folder, [name for name in stored.files if (stored.folder / name).is_file()])


def _write_about(stored: Stored, folder: Path) -> None:
    about = {
        "version": VERSION,
        "fingerprint": stored.fingerprint,
        "columns": _stamps(folder, [_file(column.name) for column in _layout(stored)]),
        "dataset": _dataset_stamps(stored),
    }
    write_json(folder / ABOUT, about)
