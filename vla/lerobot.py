"""A dataset as the field's tools read it: LeRobotDataset v3.0, with lossless pictures inside its parquet files.

Layout and names are those of lerobot 0.4 to 0.6. What is written is a function of the episodes alone: row groups are
episodes, a data file ends where the next episode would make its pictures too many.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from envs.spaces import Contract
from envs.storage import write_bytes
from vla.columns import camera_key, number_columns
from vla.packing import DONE, REWARD
from vla.spread import QUANTILES, Spread, spread_of, spread_over

VERSION = "v3.0"
ROBOT = "panda"
DATA_PATH = "data/chunk-{chunk_index:03d}/file-{file_index:03d}.parquet"
EPISODES_PATH = "meta/episodes/chunk-{chunk_index:03d}/file-{file_index:03d}.parquet"
FILES_IN_A_CHUNK = 1000
DATA_FILE_SIZE = 100  # [MB] of pictures, at most
EPISODES_IN_A_FILE = 10_000
MEGABYTE = 2**20
PLACES = ("episode_index", "index", "task_index")  # of a frame in its dataset


@dataclass(frozen=True)
class Kept:
    """An episode that goes into the dataset: its frames as `packing.pack` leaves them, its instruction, how its numbers
    are spread, and what else is to be known of it, a column of the episodes' table each."""

    frames: pa.Table
    instruction: str
    spreads: dict[str, Spread]
    extras: dict[str, Any]

    @property
    def size(self) -> int:
        """[B]"""
        return int(self.frames.nbytes)


def features(contract: Contract) -> dict[str, dict[str, Any]]:
    """What a frame holds, in the words of `info.json`."""
    size = contract.image_size
    picture = {"dtype": "image", "shape": [size, size, 3], "names": ["height", "width", "channels"]}
    told: dict[str, dict[str, Any]] = {camera_key(camera): picture for camera in contract.cameras}
    for column in number_columns(contract):
        names = None if column.names is None else list(column.names)
        told[column.key] = {"dtype": column.dtype.name, "shape": [column.size], "names": names}
    single = {REWARD: "float32", DONE: "bool", "timestamp": "float32", "frame_index": "int64"}
    single |= dict.fromkeys(PLACES, "int64")
    return told | {key: {"dtype": dtype, "shape": [1], "names": None} for key, dtype in single.items()}


@dataclass
class _Writer:
    """Writes data files one episode after another."""

    folder: Path
    contract: Contract
    tasks: dict[str, int] = field(default_factory=dict)
    rows: list[dict[str, Any]] = field(default_factory=list)
    frames: int = 0
    number: int = -1
    filled: int = 0
    file: pq.ParquetWriter | None = None

    def add(self, episode: Kept) -> None:
        place = len(self.rows)
        if self.file is None or self.filled + episode.size > DATA_FILE_SIZE * MEGABYTE:
            self._next_file(episode.frames.schema)
        assert self.file is not None
        task = self.tasks.setdefault(episode.instruction, len(self.tasks))
        T = len(episode.frames)
        where = {
            "episode_index": np.full(T, place),
            "index": np.arange(self.frames, self.frames + T),
            "task_index": np.full(T, task),
        }
        table = episode.frames
        for key, numbers in where.items():
            table = table.append_column(key, pa.array(numbers, pa.int64()))
        self.file.write_table(table, row_group_size=T)
        self.filled += episode.size
        spreads = episode.spreads | {key: spread_of(numbers) for key, numbers in where.items()}
        self.rows.append(
            {
                "episode_index": place,
                "tasks": [episode.instruction],
                "length": T,
                **_file_place("data", self.number),
                "dataset_from_index": self.frames,
                "dataset_to_index": self.frames + T,
                **{f"stats/{key}/{name}": value for key, one in spreads.items() for name, value in one.items()},
                **_file_place("meta/episodes", place // EPISODES_IN_A_FILE),
                **episode.extras,
            }
        )
        self.frames += T

    def close(self) -> None:
        if self.file is not None:
            self.file.close()

    def _next_file(self, schema: pa.Schema) -> None:
        self.close()
        self.number, self.filled = self.number + 1, 0
        path = self.folder / DATA_PATH.format(**_file_numbers(self.number))
        path.parent.mkdir(parents=True, exist_ok=True)
        for key in PLACES:
            schema = schema.append(pa.field(key, pa.int64()))
        sought = ["timestamp", "frame_index", *PLACES]  # what readers filter by; the extremes of pictures help nobody
        self.file = pq.ParquetWriter(path, schema, compression="snappy", write_statistics=sought)


def write_dataset(folder: Path, contract: Contract, episodes: Iterable[Kept]) -> None:
    """Write all files of a dataset into a new folder."""
    writer = _Writer(folder, contract)
    try:
        for episode in episodes:
            writer.add(episode)
    finally:
        writer.close()
    (folder / "meta").mkdir(parents=True, exist_ok=True)
    _write_tasks(folder, list(writer.tasks))
    _write_episodes(folder, writer.rows)
    keys = features(contract)
    names = ["min", "max", "mean", "std", "count", *QUANTILES]
    spreads = {key: [{n: row[f"stats/{key}/{n}"] for n in names} for row in writer.rows] for key in keys}
    told = {key: spread_over(parts) for key, parts in spreads.items() if parts}
    write_bytes(folder / "meta" / "stats.json", json.dumps(told, indent=1).encode())
    info = {
        "codebase_version": VERSION,
        "robot_type": ROBOT,
        "total_episodes": len(writer.rows),
        "total_frames": writer.frames,
        "total_tasks": len(writer.tasks),
        "chunks_size": FILES_IN_A_CHUNK,
        "data_files_size_in_mb": DATA_FILE_SIZE,
        "video_files_size_in_mb": DATA_FILE_SIZE,
        "fps": contract.control_hz,
        "splits": {"train": f"0:{len(writer.rows)}"},
        "data_path": DATA_PATH,
        "video_path": None,
        "features": keys,
    }
    write_bytes(folder / "meta" / "info.json", json.dumps(info, indent=1).encode())


def _write_tasks(folder: Path, tasks: Sequence[str]) -> None:
    """The text is the index of a pandas frame, which readers take it from; pandas itself is not needed to say so."""
    text = {"pandas_type": "unicode", "numpy_type": "object", "metadata": None}
    told = {
        "index_columns": ["task"],
        "column_indexes": [{"name": None, "field_name": None, **text, "metadata": {"encoding": "UTF-8"}}],
        "columns": [
            {
                "name": "task_index", "field_name": "task_index",
                "pandas_type": "int64", "numpy_type": "int64", "metadata": None,
            },
            {"name": "task", "field_name": "task", **text},
        ],
        "creator": {"library": "pyarrow", "version": pa.__version__},
        "pandas_version": "2.2.3",
    }  # fmt: skip
    table = pa.table({"task_index": pa.array(range(len(tasks)), pa.int64()), "task": pa.array(tasks, pa.string())})
    pq.write_table(table.replace_schema_metadata({"pandas": json.dumps(told)}), folder / "meta" / "tasks.parquet")


def _write_episodes(folder: Path, rows: Sequence[dict[str, Any]]) -> None:
    for first in range(0, len(rows), EPISODES_IN_A_FILE):
        path = folder / EPISODES_PATH.format(**_file_numbers(first // EPISODES_IN_A_FILE))
        path.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(pa.Table.from_pylist(list(rows[first : first + EPISODES_IN_A_FILE])), path)


def _file_numbers(number: int) -> dict[str, int]:
    return {"chunk_index": number // FILES_IN_A_CHUNK, "file_index": number % FILES_IN_A_CHUNK}


def _file_place(what: str, number: int) -> dict[str, int]:
    return {f"{what}/{key}": value for key, value in _file_numbers(number).items()}
