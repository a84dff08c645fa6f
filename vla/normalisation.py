"""Scales of what goes into a policy and comes out: measured once over the whole ladder, then frozen.

If each stage measured its own, a change of stage would change the meaning of an action.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from envs.errors import UserError
from vla.datasets import Frames

STATE_FLOOR = 0.02  # least scale of a state, [m] or a cosine: below it lies noise
ACTION_FLOOR = 0.02  # least scale of an action, which spans [-1, 1]
POSITION_FLOOR = 0.01  # [m]


@dataclass(frozen=True)
class Normalisation:
    """Means and standard deviations. Actions have no mean taken off, so that zero stays "do not move"."""

    state_mean: tuple[float, ...]  # (P,)
    state_scale: tuple[float, ...]  # (P,)
    motion_scale: tuple[float, ...]  # (6,) root mean square of the actions but the gripper's
    position_mean: tuple[float, ...]  # (3,) [m]
    position_scale: tuple[float, ...]  # (3,) [m]

    @classmethod
    def of(cls, cells: Iterable[Frames]) -> "Normalisation":
        """Measured with equal weight on each cell, however many frames it has."""
        data = list(cells)
        if not data:
            raise UserError("Normalisation needs the data of at least one cell.")
        state_mean, state_scale = _moments([frames.state for frames in data])
        position_mean, position_scale = _moments([frames.position.reshape(-1, 3) for frames in data])
        power = np.mean([np.square(frames.actions[:, :-1], dtype=np.float64).mean(0) for frames in data], axis=0)
        return cls(
            state_mean=_floats(state_mean),
            state_scale=_floats(np.maximum(state_scale, STATE_FLOOR)),
            motion_scale=_floats(np.maximum(np.sqrt(power), ACTION_FLOOR)),
            position_mean=_floats(position_mean),
            position_scale=_floats(np.maximum(position_scale, POSITION_FLOOR)),
        )

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> "Normalisation":
        return cls(**{name: tuple(float(x) for x in values[name]) for name in cls.__dataclass_fields__})


def _moments(columns: list[NDArray]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean and standard deviation of the mixture of `columns` (F_i, d) with equal weights."""
    mean = np.mean([column.mean(0, dtype=np.float64) for column in columns], axis=0)
    square = np.mean([np.square(column, dtype=np.float64).mean(0) for column in columns], axis=0)
    return mean, np.sqrt(np.maximum(square - mean**2, 0))


def _floats(values: NDArray) -> tuple[float, ...]:
    """Rounded to float32, so that a scale is the same number in JSON and on every device."""
    return tuple(float(np.float32(x)) for x in values)
