"""What is true in each simulation now, as arrays: what skills, experts and success are computed from. Privileged."""

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class View:
    """Rows are simulations, columns are things by handle. Metres, radians, seconds."""

    tool: Floats  # (n, 3) tool centre
    rotation: Floats  # (n, 3, 3) of the tool; its z points out of the hand
    opening: Floats  # (n,) between the fingers
    position: Floats  # (n, things, 3) centres
    yaw: Floats  # (n, things) of the longer level axis
    upright: Floats  # (n, things) cosine of the tilt: 1 on a face
    speed: Floats  # (n, things) [m/s]
    half: Floats  # (n, things, 3) half sizes as it stands: along that axis, across it, up
    round: Bools  # (n, things) a cylinder

    def __len__(self) -> int:
        return len(self.tool)

    def take(self, rows: Ints) -> "View":
        """The view of some simulations, in the order of `rows`."""
        return View(**{f.name: getattr(self, f.name)[rows] for f in fields(self)})

    def of(self, name: str, handles: Ints) -> NDArray:
        """The column `name` of one thing in each row: (n, ...) for handles (n,)."""
        return getattr(self, name)[np.arange(len(self)), handles]

    def reach(self, handles: Ints, yaw: Floats) -> Floats:
        """How far one thing in each row, standing, reaches from its middle along x and y of a frame that is turned by
        `yaw` (n,) [rad] from the base frame, (n, 2) [m]."""
        half, turn = self.of("half", handles)[:, :2], self.of("yaw", handles) - yaw
        cos, sin = np.abs(np.cos(turn)), np.abs(np.sin(turn))
        box = np.stack([cos * half[:, 0] + sin * half[:, 1], sin * half[:, 0] + cos * half[:, 1]], axis=1)
        return np.where(self.of("round", handles)[:, None], half, box)

    @property
    def tops(self) -> Floats:
        """Height of each thing's highest point while it stands upright, (n, things) [m]."""
        return self.position[:, :, 2] + self.half[:, :, 2]


@dataclass(frozen=True)
class Stance:
    """How things stand, (..., things)."""

    yaw: Floats  # [rad] of the longer level axis
    upright: Floats  # cosine of the tilt: 1 on a face
    half: Floats  # (..., things, 3) half sizes: along that axis, across it, up


def stance(quat: Floats, half: Floats, round: Bools) -> Stance:
    """Of things with orientations (..., things, 4), half sizes (..., things, 3) along their own axes, and which of them
    are cylinders. A box may stand on any face, a cylinder on either end."""
    w, x, y, z = np.moveaxis(quat, -1, 0)
    axes = np.stack(
        [
            np.stack([1 - 2 * (y * y + z * z), 2 * (x * y + w * z), 2 * (x * z - w * y)], axis=-1),
            np.stack([2 * (x * y - w * z), 1 - 2 * (x * x + z * z), 2 * (y * z + w * x)], axis=-1),
            np.stack([2 * (x * z + w * y), 2 * (y * z - w * x), 1 - 2 * (x * x + y * y)], axis=-1),
        ],
        axis=-2,
    )  # (..., axis of the thing, world)
    rise = np.abs(axes[..., 2])
    up = np.where(round, 2, rise.argmax(axis=-1))[..., None]
    level = np.where(np.arange(3) == up, -1.0, half)
    long = level.argmax(axis=-1)[..., None]
    order = np.concatenate([long, 3 - long - up, up], axis=-1)
    ahead = np.take_along_axis(axes, long[..., None], axis=-2)[..., 0, :]
    return Stance(
        yaw=np.arctan2(ahead[..., 1], ahead[..., 0]),
        upright=np.take_along_axis(rise, up, axis=-1)[..., 0],
        half=np.take_along_axis(half, order, axis=-1),
    )
