"""The data axis of difficulty: how varied the scenes are at a level in [0, 1].

Every knob is a field of `DataLevel`; `KNOBS` says what it is at the three named levels, and between them it is
interpolated. A knob bounds a range, and ranges nest: whatever occurs at a level can occur at every higher one.
"""

from dataclasses import dataclass, field, fields
from functools import lru_cache
from typing import Any

import numpy as np

from envs.episodes import NAMED_LEVELS


def knob(unit: str, says: str) -> Any:
    return field(metadata={"unit": unit, "says": says})


@dataclass(frozen=True)
class DataLevel:
    """What a level sets. A fraction ± is the half width of the range around one from which a factor is drawn."""

    level: float
    spread_x: float = knob("m", "things lie within this of the middle, away from and towards the robot")
    spread_y: float = knob("m", "and sideways")
    gap: float = knob("m", "between the outlines of two things, at least")
    yaw: float = knob("rad", "things are turned either way, at most")
    distractors: int = knob("1", "blocks beyond those of the tier, at most")
    colours: int = knob("1", "colours that occur")
    shapes: int = knob("1", "shapes of blocks that occur")
    size: float = knob("±", "size of a block")
    mass: float = knob("±", "mass of a block beside what its size makes it")
    friction: float = knob("±", "friction of a block")
    colour_jitter: float = knob("1", "a colour's red, green and blue are off by, at most")
    light_tilt: float = knob("rad", "the light comes from another direction, at most")
    light_strength: float = knob("±", "strength of the light")
    surroundings: float = knob("1", "red, green and blue of table and floor are off by, at most")
    texture: float = knob("1", "contrast of the table's pattern, at most")
    camera_shift: float = knob("m", "a camera is off its place along each axis, at most; the hand's a tenth of it")
    camera_turn: float = knob("rad", "a camera is turned about each of its axes, at most")
    noise_share: float = knob("1", "demonstrations that are disturbed")
    noise_translation: float = knob("full scale", "standard deviation of the disturbance of a motion")
    noise_rotation: float = knob("full scale", "and of a turn")
    paraphrases: float = knob("1", "instructions said in another way than the canonical one")
    referring: float = knob("1", "things called by an expression that must be resolved in the scene")


KNOBS: dict[str, tuple[float, float, float]] = {
    "spread_x": (0.10, 0.11, 0.12),
    "spread_y": (0.17, 0.19, 0.21),
    "gap": (0.05, 0.045, 0.04),
    "yaw": (0.0, 0.40, np.pi / 4),
    "distractors": (0, 1, 3),
    "colours": (4, 6, 8),
    "shapes": (1, 2, 3),
    "size": (0.0, 0.08, 0.16),
    "mass": (0.0, 0.20, 0.40),
    "friction": (0.0, 0.10, 0.20),
    "colour_jitter": (0.0, 0.04, 0.08),
    "light_tilt": (0.0, 0.25, 0.50),
    "light_strength": (0.0, 0.10, 0.20),
    "surroundings": (0.0, 0.04, 0.08),
    "texture": (0.0, 0.15, 0.40),
    "camera_shift": (0.0, 0.015, 0.03),
    "camera_turn": (0.0, 0.01, 0.02),
    "noise_share": (0.5, 0.5, 0.5),
    "noise_translation": (0.5, 0.55, 0.6),
    "noise_rotation": (0.3, 0.35, 0.4),
    "paraphrases": (0.0, 0.8, 0.9),
    "referring": (0.0, 0.0, 0.5),
}
"""Of each knob, what it is at `easy`, `medium` and `hard`; whole numbers step up where the line passes them."""


@lru_cache(maxsize=4096)
def data_level(level: float) -> DataLevel:
    """The knobs at a level in [0, 1]."""
    whole = {one.name for one in fields(DataLevel) if one.type is int}
    at: dict[str, Any] = {name: float(np.interp(level, [*NAMED_LEVELS.values()], ends)) for name, ends in KNOBS.items()}
    return DataLevel(level=level, **{name: int(value) if name in whole else value for name, value in at.items()})
