"""What is drawn: the model's geoms as patches of surface, and where those stand before the cameras.

A capsule is a tube and two balls, a cylinder a tube and two discs, a plane the top of an endless box. Whatever is nearest
along a ray hides the rest, so patches may overlap freely.
"""

from dataclasses import dataclass

import mujoco
import numpy as np
from numpy.typing import NDArray

from envs.cameras.shading import TOWARDS_KEY, Packed
from envs.cameras.surfaces import Box, Disc, Floats, Place, Round, Surface
from envs.errors import UserError

Ints = NDArray[np.int64]

ENDLESS = 100.0  # [m] half the edge of the box whose top is a plane


@dataclass(frozen=True)
class Patches:
    """The m patches of one kind."""

    surface: Surface
    geom: Ints  # (m,)
    end: Ints  # (m,) 0 in the middle of the geom, -1 or +1 at an end of its straight part, along its z
    straight: NDArray[np.bool_]  # (m,) of round patches: a tube, rather than a ball


@dataclass(frozen=True)
class Sight:
    """Where the cameras of b simulations are, and what the rest is seen against."""

    eye: Floats  # (b, C, 3) [m]
    axes: Floats  # (b, C, 3, 3)
    position: Floats  # (b, geoms, 3) [m]
    rotation: Floats  # (b, geoms, 9)
    colour: Packed  # (b, geoms)


def patches_of(model: mujoco.MjModel) -> list[Patches]:
    """The model's patches by kind. Raises `UserError` for a geom that cannot be drawn."""
    kinds: dict[type, list[tuple[int, int, bool]]] = {Box: [], Round: [], Disc: []}
    for geom, kind in enumerate(model.geom_type):
        match mujoco.mjtGeom(kind):
            case mujoco.mjtGeom.mjGEOM_PLANE:
                kinds[Box].append((geom, -1, False))
            case mujoco.mjtGeom.mjGEOM_BOX:
                kinds[Box].append((geom, 0, False))
            case mujoco.mjtGeom.mjGEOM_SPHERE:
                kinds[Round].append((geom, 0, False))
            case mujoco.mjtGeom.mjGEOM_CAPSULE:
                kinds[Round] += [(geom, 0, True), (geom, -1, False), (geom, 1, False)]
            case mujoco.mjtGeom.mjGEOM_CYLINDER:
                kinds[Round].append((geom, 0, True))
                kinds[Disc] += [(geom, -1, False), (geom, 1, False)]
            case other:
                raise UserError(f"The cameras cannot draw the geom '{model.geom(geom).name}': a {other.name}.")
    found = []
    for surface, rows in kinds.items():
        geom, end, straight = (np.array(column, int) for column in zip(*rows, strict=True)) if rows else ([], [], [])
        found.append(Patches(surface(), np.asarray(geom), np.asarray(end), np.asarray(straight, bool)))
    return found


def sizes_of(model: mujoco.MjModel) -> Floats:
    """geom_size, (geoms, 3) [m], with planes as the endless boxes that they are drawn as."""
    return np.where(model.geom_type[:, None] == mujoco.mjtGeom.mjGEOM_PLANE, ENDLESS, model.geom_size)


def place(patches: Patches, sizes: Floats, sight: Sight, row: Ints, camera: Ints, which: Ints) -> Place:
    """V patches in the axes of their cameras: number `which` (V,) before camera `camera` (V,) of simulation `row` (V,)."""
    geom = patches.geom[which]
    eye, axes = sight.eye[row, camera], np.moveaxis(sight.axes[row, camera], 0, -1).copy()  # (V, 3), (3, 3, V)
    offset = np.ascontiguousarray((sight.position[row, geom] - eye).T)
    turn = np.ascontiguousarray(sight.rotation[row, geom].T).reshape(3, 3, -1)
    size = np.ascontiguousarray(sizes[geom].T)

    def seen(vectors: Floats) -> Floats:
        """World vectors (3, …) in the camera's axes; sums written out, so that no library may order them."""
        return np.stack([vectors[0] * axes[0, i] + vectors[1] * axes[1, i] + vectors[2] * axes[2, i] for i in range(3)])

    geom_axes = seen(turn)
    length = np.where(size[0] == ENDLESS, ENDLESS, size[1])
    return Place(
        centre=seen(offset) + geom_axes[:, 2] * (length * patches.end[which]),
        axes=geom_axes,
        size=size,
        straight=patches.straight[which].astype(float),
        key=seen(TOWARDS_KEY[:, None]),
        up=axes[2],
        colour=sight.colour[row, geom],
    )
