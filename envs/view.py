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
    yaw: Floats  # (n, things)
    upright: (
        Floats  # (n, things) cosine between the vertical and the nearest axis of the thing: 1 when it stands on a face
    )
    speed: Floats  # (n, things) [m/s]
    half: Floats  # (n, things, 3) half sizes
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


def stance(quat: Floats, cube: Bools) -> tuple[Floats, Floats]:
    """How things with orientations (..., 4) stand: yaw [rad], and the cosine of the tilt, (...) each.

    A cube (...) may stand on any face, so neither depends on which of its axes points up: its yaw is that of one that is
    level. Other things stand on one face, and their yaw is that of their x.
    """
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
    level = np.where(cube, rise.argmin(axis=-1), 0)
    ahead = np.take_along_axis(axes, level[..., None, None], axis=-2)[..., 0, :]
    return np.arctan2(ahead[..., 1], ahead[..., 0]), np.where(cube, rise.max(axis=-1), axes[..., 2, 2])
