"""What one episode looks like: tints, light, table, and where the cameras stand."""

from dataclasses import dataclass

import numpy as np

from envs.colours import COLOURS
from envs.layouts import Layout, factor
from envs.levels import DataLevel
from envs.scene import FLOOR_COLOUR, TABLE_COLOUR
from envs.spaces import CAMERAS
from envs.view import Floats

TOWARDS_LIGHT = np.array([0.42, -0.36, 0.83]) / np.sqrt(0.42**2 + 0.36**2 + 0.83**2)
PATTERNS = 32  # of the table
STEADY = {"front": 1.0, "wrist": 0.1}  # the part of `DataLevel.camera_shift` by which each camera can be off its place


@dataclass(frozen=True)
class Look:
    """One episode's looks; colours are red green blue in [0, 1], C cameras in the order of `spaces.CAMERAS`."""

    colours: Floats  # (things, 3)
    light: Floats  # (3,) unit vector towards the light
    strength: float  # factor on all light
    table: Floats  # (3,) colour
    floor: Floats  # (3,) colour
    pattern: int  # of the table, 0 to PATTERNS - 1
    contrast: float  # of the pattern: darkest to brightest, in parts of the table's own colour; 0: it is plain
    shift: Floats  # (C, 3) [m] each camera stands off its place: right, down, forward
    turn: Floats  # (C, 3) [rad] and is turned about these axes, as a rotation vector


def draw_look(layout: Layout, level: DataLevel, rng: np.random.Generator) -> Look:
    """A random look of a scene."""
    plain = np.array([COLOURS[colour] for colour in layout.colours]).reshape(-1, 3)
    surroundings = np.array([TABLE_COLOUR[:3], FLOOR_COLOUR[:3]])
    surroundings = surroundings + level.surroundings * rng.uniform(-1, 1, surroundings.shape)
    steady = np.array([[STEADY[camera]] for camera in CAMERAS])
    return Look(
        colours=np.clip(plain + level.colour_jitter * rng.uniform(-1, 1, plain.shape), 0, 1),
        light=_tilted(TOWARDS_LIGHT, level.light_tilt * np.sqrt(rng.random()), rng.uniform(0, 2 * np.pi)),
        strength=float(factor(level.light_strength, rng, 1)[0]),
        table=np.clip(surroundings[0], 0, 1),
        floor=np.clip(surroundings[1], 0, 1),
        pattern=int(rng.integers(PATTERNS)),
        contrast=level.texture * rng.random(),
        shift=level.camera_shift * steady * rng.uniform(-1, 1, (len(CAMERAS), 3)),
        turn=level.camera_turn * rng.uniform(-1, 1, (len(CAMERAS), 3)),
    )


def _tilted(vector: Floats, angle: float, around: float) -> Floats:
    """A unit vector, turned by `angle` [rad] towards the direction `around` [rad] about it."""
    first = np.cross(vector, [0.0, 1.0, 0.0])
    first /= np.sqrt((first * first).sum())
    aside = np.cos(around) * first + np.sin(around) * np.cross(vector, first)
    return np.cos(angle) * vector + np.sin(angle) * aside
