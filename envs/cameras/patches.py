"""What is drawn: the model's geoms as patches of surface, and where those stand before each camera.

A capsule is a tube and two balls, a cylinder a tube and two discs, a plane the top of an endless box. Whatever is nearest
along a ray hides the rest, so patches may overlap freely.
"""

from dataclasses import dataclass

import mujoco
import numpy as np
from numpy.typing import NDArray

from envs.errors import UserError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

ENDLESS = 100.0  # [m] half the edge of the box whose top is a plane


@dataclass(frozen=True)
class Patch:
    """One piece of one geom's surface."""

    geom: int
    end: int = 0
    """Sits in the middle of the geom (0) or at the end of its straight part, along its z (-1, +1)."""
    straight: bool = False
    """Round patches: a tube, rather than a ball."""


@dataclass(frozen=True)
class Patches:
    """A model's patches by kind."""

    boxes: tuple[Patch, ...]
    rounds: tuple[Patch, ...]
    discs: tuple[Patch, ...]

    @classmethod
    def of(cls, model: mujoco.MjModel) -> "Patches":
        """Raises `UserError` for a geom that cannot be drawn."""
        boxes: list[Patch] = []
        rounds: list[Patch] = []
        discs: list[Patch] = []
        for geom, kind in enumerate(model.geom_type):
            match mujoco.mjtGeom(kind):
                case mujoco.mjtGeom.mjGEOM_PLANE:
                    boxes.append(Patch(geom, end=-1))
                case mujoco.mjtGeom.mjGEOM_BOX:
                    boxes.append(Patch(geom))
                case mujoco.mjtGeom.mjGEOM_SPHERE:
                    rounds.append(Patch(geom))
                case mujoco.mjtGeom.mjGEOM_CAPSULE:
                    rounds += [Patch(geom, straight=True), Patch(geom, end=-1), Patch(geom, end=1)]
                case mujoco.mjtGeom.mjGEOM_CYLINDER:
                    rounds.append(Patch(geom, straight=True))
                    discs += [Patch(geom, end=-1), Patch(geom, end=1)]
                case other:
                    raise UserError(f"The cameras cannot draw the geom '{model.geom(geom).name}': a {other.name}.")
        return cls(tuple(boxes), tuple(rounds), tuple(discs))
