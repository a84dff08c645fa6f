"""The data axis of difficulty: how varied the scenes are at a level in [0, 1]. Ranges nest as the level rises."""

from dataclasses import dataclass

from envs.episodes import NAMED_LEVELS, level_name
from envs.errors import UserError


@dataclass(frozen=True)
class DataLevel:
    """What a level sets, a field for each knob."""

    level: float
    spread: tuple[float, float]  # [m] half extents of the region where things are placed, x and y
    yaw: float  # [rad] things are turned by up to this much either way
    gap: float  # [m] at least between the outlines of two things
    colours: int  # how many colours occur
    noise_share: float  # of the demonstrations are disturbed
    noise_translation: float  # standard deviation of the disturbance, in full-scale actions
    noise_rotation: float


EASY = DataLevel(
    level=NAMED_LEVELS["easy"],
    spread=(0.10, 0.17),
    yaw=0.0,
    gap=0.05,
    colours=4,
    noise_share=0.5,
    noise_translation=0.5,
    noise_rotation=0.3,
)


def data_level(level: float) -> DataLevel:
    """The knobs at a level; raises `UserError` where the axis is not built."""
    if level != EASY.level:
        raise UserError(f"The data level '{level_name(level)}' is not built; there is: easy.")
    return EASY
