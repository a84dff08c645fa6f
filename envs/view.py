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
    upright: Floats  # (n, things) cosine between the thing's own z and the vertical
    speed: Floats  # (n, things) [m/s]
    half: Floats  # (n, things, 3) half sizes

    def __len__(self) -> int:
        return len(self.tool)

    def take(self, rows: Ints) -> "View":
        """The view of some simulations, in the order of `rows`."""
        return View(**{f.name: getattr(self, f.name)[rows] for f in fields(self)})

    def of(self, name: str, handles: Ints) -> NDArray:
        """The column `name` of one thing in each row: (n, ...) for handles (n,)."""
        return getattr(self, name)[np.arange(len(self)), handles]

    @property
    def tops(self) -> Floats:
        """Height of each thing's highest point while it stands upright, (n, things) [m]."""
        return self.position[:, :, 2] + self.half[:, :, 2]
