"""The shapes of blocks, in the order in which data levels bring them in."""

from dataclasses import dataclass

import mujoco
import numpy as np

from envs.view import Floats

CUBE, CYLINDER, PRISM = "cube", "cylinder", "prism"


@dataclass(frozen=True)
class Shape:
    """A kind of block; it is grasped across its y."""

    geom: mujoco.mjtGeom
    proportions: tuple[float, float, float]
    """Length, width and height, as multiples of the width of a cube of the same size."""

    def half(self, size: float) -> Floats:
        """Half extents (3,) [m] of one as large as a cube with the half edge `size` [m]."""
        return size * np.array(self.proportions)

    def fill(self) -> float:
        """The part of its bounding box that it fills."""
        return np.pi / 4 if self.geom == mujoco.mjtGeom.mjGEOM_CYLINDER else 1.0


SHAPES = {
    CUBE: Shape(mujoco.mjtGeom.mjGEOM_BOX, (1.0, 1.0, 1.0)),
    CYLINDER: Shape(mujoco.mjtGeom.mjGEOM_CYLINDER, (1.2, 1.2, 0.6)),
    PRISM: Shape(mujoco.mjtGeom.mjGEOM_BOX, (1.5, 1.0, 0.8)),
}


def inertia(round: bool, mass: float, half: Floats) -> Floats:
    """Moments of inertia (3,) [kg m²] of a solid box, or of an upright cylinder, about its axes."""
    square = half**2
    if round:
        side = mass * (square[0] / 4 + square[2] / 3)
        return np.array([side, side, mass * square[0] / 2])
    return mass / 3 * (square.sum() - square)
