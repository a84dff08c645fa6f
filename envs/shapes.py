"""The shapes of blocks, in the order in which data levels bring them in. All stand upright on a square of `half`."""

from dataclasses import dataclass

import mujoco
import numpy as np

from envs.view import Floats

CUBE, CYLINDER, PRISM = "cube", "cylinder", "prism"


@dataclass(frozen=True)
class Shape:
    """A block whose footprint is as wide as it is deep."""

    geom: mujoco.mjtGeom
    tall: float
    """Height as a multiple of the width."""

    def half(self, width: float) -> Floats:
        """Half extents (3,) [m] when its footprint is `2 * width` wide."""
        return width * np.array([1.0, 1.0, self.tall])

    def fill(self) -> float:
        """The part of its bounding box that it fills."""
        return np.pi / 4 if self.geom == mujoco.mjtGeom.mjGEOM_CYLINDER else 1.0


SHAPES = {
    CUBE: Shape(mujoco.mjtGeom.mjGEOM_BOX, tall=1.0),
    CYLINDER: Shape(mujoco.mjtGeom.mjGEOM_CYLINDER, tall=1.0),
    PRISM: Shape(mujoco.mjtGeom.mjGEOM_BOX, tall=1.5),
}


def inertia(round: bool, mass: float, half: Floats) -> Floats:
    """Moments of inertia (3,) [kg m²] of a solid box, or of an upright cylinder, about its axes."""
    square = half**2
    if round:
        side = mass * (square[0] / 4 + square[2] / 3)
        return np.array([side, side, mass * square[0] / 2])
    return mass / 3 * (square.sum() - square)
