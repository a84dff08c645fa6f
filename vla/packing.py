"""An episode's columns as an Arrow table, as LeRobot lays it out, and back."""

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from envs.spaces import Contract
from vla import pictures
from vla.columns import PIXELS, Column, Columns, camera_key, number_columns
from vla.spread import Spread, spread_of, spread_of_pictures

PICTURE = pa.struct([pa.field("bytes", pa.binary()), pa.field("path", pa.string())])
REWARD, DONE = "next.reward", "next.done"


def pack(columns: Columns, contract: Contract) -> pa.Table:
    """The frames (T) of one episode: pictures, numbers, and what LeRobot wants of every frame but its place in a
    dataset."""
    T = len(columns["state"])
    packed: dict[str, pa.Array] = {}
    for number, camera in enumerate(contract.cameras):
        files = pa.array(pictures.encode(columns[PIXELS][:, number]), pa.binary())
        nothing = pa.nulls(T, pa.string())
        packed[camera_key(camera)] = pa.StructArray.from_arrays([files, nothing], fields=list(PICTURE))
    for column in number_columns(contract):
        packed[column.key] = _to_arrow(column, columns[column.name])
    packed |= {key: pa.array(numbers) for key, numbers in _of_every_frame(columns, contract).items()}
    return pa.table(packed)


def unpack_numbers(table: pa.Table, contract: Contract) -> dict[str, NDArray]:
    """All columns but the pictures."""
    return {column.name: _from_arrow(column, table.column(column.key)) for column in number_columns(contract)}


def unpack_pictures(table: pa.Table, contract: Contract) -> NDArray[np.uint8]:
    """(T, C, H, W, 3); raises `ValueError` for a picture that is damaged."""
    size = contract.image_size
    files = [_files(table, camera) for camera in contract.cameras]
    return np.stack([pictures.decode(of_camera, size, size) for of_camera in files], axis=1)


def spreads(columns: Columns, contract: Contract) -> dict[str, Spread]:
    """Of each key of a packed episode."""
    seen = {
        camera_key(camera): spread_of_pictures(columns[PIXELS][:, number])
        for number, camera in enumerate(contract.cameras)
    }
    told = {column.key: spread_of(columns[column.name]) for column in number_columns(contract)}
    return seen | told | {key: spread_of(numbers) for key, numbers in _of_every_frame(columns, contract).items()}


def _of_every_frame(columns: Columns, contract: Contract) -> dict[str, NDArray]:
    T = len(columns["state"])
    frame = np.arange(T)
    return {
        REWARD: columns["success"].astype(np.float32),
        DONE: frame == T - 1,
        "timestamp": (frame / contract.control_hz).astype(np.float32),
        "frame_index": frame,
    }


def _to_arrow(column: Column, numbers: NDArray) -> pa.Array:
    flat = pa.array(np.ascontiguousarray(numbers).reshape(-1))
    return pa.FixedSizeListArray.from_arrays(flat, column.size) if column.shape else flat


def _from_arrow(column: Column, numbers: pa.ChunkedArray) -> NDArray:
    whole = numbers.combine_chunks()
    flat = whole.flatten() if column.shape else whole
    return flat.to_numpy(zero_copy_only=False).astype(column.dtype, copy=False).reshape(-1, *column.shape)


def _files(table: pa.Table, camera: str) -> list[bytes]:
    return table.column(camera_key(camera)).combine_chunks().field("bytes").to_pylist()
