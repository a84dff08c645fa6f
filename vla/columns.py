"""The columns of a dataset: what one frame holds, in training and on disk."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from envs.spaces import Contract

THING_NAMES = ("object", "target")  # that a plan step is about
THINGS = len(THING_NAMES)
PIXELS = "pixels"

Columns = Mapping[str, NDArray]
"""The columns of some frames by name, (T, …) each."""


@dataclass(frozen=True)
class Column:
    """One column: its name in training and its type and shape there, and its key and the names of its numbers on disk,
    where it is flat."""

    name: str
    key: str
    dtype: np.dtype
    shape: tuple[int, ...]
    names: tuple[str, ...] | None = None

    @property
    def size(self) -> int:
        return int(np.prod(self.shape))


def camera_key(camera: str) -> str:
    return f"observation.images.{camera}"


def number_columns(contract: Contract) -> tuple[Column, ...]:
    """All columns but the pictures."""
    cameras, things = contract.cameras, THING_NAMES
    single, whole = np.dtype(np.float32), np.dtype(np.int16)
    seen = [f"{camera}.{thing}" for camera in cameras for thing in things]
    place, spot = (
        [f"{thing}.{axis}" for thing in things for axis in "xyz"],
        [f"{one}.{u}" for one in seen for u in "uv"],
    )
    return (
        Column("state", "observation.state", single, (len(contract.state),), contract.state),
        Column("actions", "action", single, (len(contract.action),), contract.action),
        Column("position", "label.position", single, (len(things), 3), tuple(place)),
        Column("pixel", "label.pixel", single, (len(cameras), len(things), 2), tuple(spot)),
        Column("visible", "label.visible", np.dtype(np.bool_), (len(cameras), len(things)), tuple(seen)),
        Column("plan_step", "label.plan_step", whole, ()),
        Column("plan_skill", "label.plan_skill", whole, ()),
        Column("success", "next.success", np.dtype(np.bool_), ()),
    )  # fmt: skip


def picture_column(contract: Contract) -> Column:
    """The pictures of all cameras together; on disk each camera has a key of its own, see `camera_key`."""
    size = contract.image_size
    return Column(PIXELS, "", np.dtype(np.uint8), (len(contract.cameras), size, size, 3))


def all_columns(contract: Contract) -> tuple[Column, ...]:
    return (picture_column(contract), *number_columns(contract))


def digest(columns: Columns) -> str:
    """Of some frames, all columns in order of their names."""
    total = hashlib.sha256()
    for name in sorted(columns):
        total.update(np.ascontiguousarray(columns[name]).data)
    return total.hexdigest()
