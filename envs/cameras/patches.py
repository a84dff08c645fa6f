"""What is drawn: the model's geoms as patches of surface, and where those are in the axes of the cameras.

A capsule is a tube and two balls, a cylinder a tube and two discs, a plane the top of an endless box. Whatever is
nearest along a ray hides the rest, so patches may overlap freely.
"""

from dataclasses import dataclass
from enum import IntEnum

import mujoco
import numpy as np
from numpy.typing import NDArray

from envs.cameras.shading import TOWARDS_KEY, Packed
from envs.errors import UserError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

ENDLESS = 1e4  # [m] half the edge of the box whose top is a plane


class Kind(IntEnum):
    """Of patches."""

    BOX = 0
    ROUND = 1
    DISC = 2


@dataclass(frozen=True)
class Patches:
    """M patches, in the order of their kinds."""

    kind: Ints  # (M,)
    geom: Ints  # (M,)
    shift: Floats  # (M,) [m] along the geom's z from its centre
    straight: Floats  # (M,) of round ones: 1 a tube, 0 a ball
    size: Floats  # (3, M) [m] as in MuJoCo's geom_size

    @classmethod
    def of(cls, model: mujoco.MjModel) -> "Patches":
        """Raises `UserError` for a geom that cannot be drawn."""
        rows = sorted(
            (row for geom in range(model.ngeom) for row in _pieces(model, geom)), key=lambda row: (row[0], row[1])
        )
        kind, geom, shift, straight, size = (np.array(column) for column in zip(*rows, strict=True))
        return cls(kind, geom, shift, straight, np.ascontiguousarray(size.T))

    def number(self, geom: int) -> int:
        """Of the first patch of a geom."""
        return int(np.nonzero(self.geom == geom)[0][0])


def _pieces(model: mujoco.MjModel, geom: int) -> list[tuple[Kind, int, float, float, tuple[float, ...]]]:
    """Rows of `Patches`."""
    size = tuple(float(s) for s in model.geom_size[geom])
    length = size[1]

    def piece(
        kind: Kind, shift: float = 0.0, straight: bool = False
    ) -> tuple[Kind, int, float, float, tuple[float, ...]]:
        return kind, geom, shift, float(straight), size

    tube, balls = piece(Kind.ROUND, 0.0, True), [piece(Kind.ROUND, -length), piece(Kind.ROUND, length)]
    match mujoco.mjtGeom(model.geom_type[geom]):
        case mujoco.mjtGeom.mjGEOM_PLANE:
            return [(Kind.BOX, geom, -ENDLESS, 0.0, (ENDLESS,) * 3)]
        case mujoco.mjtGeom.mjGEOM_BOX:
            return [piece(Kind.BOX)]
        case mujoco.mjtGeom.mjGEOM_SPHERE:
            return [piece(Kind.ROUND)]
        case mujoco.mjtGeom.mjGEOM_CAPSULE:
            return [tube, *balls]
        case mujoco.mjtGeom.mjGEOM_CYLINDER:
            return [tube, piece(Kind.DISC, -length), piece(Kind.DISC, length)]
        case other:
            raise UserError(f"The cameras cannot draw the geom '{model.geom(geom).name}': a {other.name}.")


def never_moves(model: mujoco.MjModel) -> NDArray[np.bool_]:
    """The geoms (geoms,) that look the same at any time: fixed to the world, or round and turning about their axis."""
    fixed = model.body_weldid == 0
    still = fixed[model.geom_bodyid]
    round_ = np.isin(model.geom_type, (mujoco.mjtGeom.mjGEOM_CAPSULE, mujoco.mjtGeom.mjGEOM_CYLINDER))
    for geom in np.nonzero(round_ & ~still)[0]:
        body, turn = model.geom_bodyid[geom], np.empty(9)
        joint = model.body_jntadr[body]
        mujoco.mju_quat2Mat(turn, model.geom_quat[geom])
        axis, shift = model.jnt_axis[joint], model.geom_pos[geom] - model.jnt_pos[joint]
        along = np.allclose(np.cross(axis, [shift, turn[2::3]]), 0, rtol=0, atol=1e-9)
        hinged = model.body_jntnum[body] == 1 and model.jnt_type[joint] == mujoco.mjtJoint.mjJNT_HINGE
        still[geom] = hinged and along and fixed[model.body_parentid[body]]
    return still


@dataclass(frozen=True)
class Sight:
    """Where the C cameras and the geoms of b simulations are, and what colour the geoms have."""

    eye: Floats  # (C, b, 3) [m]
    axes: Floats  # (C, b, 3, 3)
    position: Floats  # (b, geoms, 3) [m]
    rotation: Floats  # (b, geoms, 9)
    colour: Packed  # (b, geoms)

    def of_camera(self, camera: int) -> "Sight":
        some = slice(camera, camera + 1)
        return Sight(self.eye[some], self.axes[some], self.position, self.rotation, self.colour)

    def balls(self, radius: Floats) -> tuple[Floats, Floats]:
        """Balls around the geoms in the cameras' axes: centres (3, 1, geoms, C, b) and their `radius` (geoms,)."""
        x, y, z = (self.position[None, :, :, i] - self.eye[:, :, None, i] for i in range(3))  # (C, b, geoms)
        axes = self.axes[:, :, None]
        points = np.stack([x * axes[..., 0, i] + y * axes[..., 1, i] + z * axes[..., 2, i] for i in range(3)])
        points = points.transpose(0, 3, 1, 2)
        return points[:, None], np.broadcast_to(radius[:, None, None], points.shape[1:])


@dataclass(frozen=True)
class Place:
    """V patches, each in the axes of the camera that it is before. Vectors come first."""

    centre: Floats  # (3, V) [m]
    axes: Floats  # (3, 3, V) component, axis: the geom's axes
    size: Floats  # (3, V) [m]
    straight: Floats  # (V,)
    key: Floats  # (3, V) direction to the key light
    up: Floats  # (3, V) direction up
    height: Floats  # (V,) [m] of the eye, above the table
    axes_key: Floats  # (3, V) cosines between the geom's axes and the direction to the key light
    axes_up: Floats  # (3, V) and up
    colour: Packed  # (V,)

    def __getitem__(self, some: slice | Ints) -> "Place":
        return Place(*(getattr(self, field)[..., some] for field in self.__dataclass_fields__))


def place(patches: Patches, sight: Sight, which: Ints, camera: Ints, row: Ints) -> Place:
    """Patch `which` before `camera` of simulation `row`, (V,) each."""
    geom = patches.geom[which]
    rotation = np.ascontiguousarray(sight.rotation[row, geom].T).reshape(3, 3, -1)
    vectors = np.empty((3, 5, len(geom)))  # the geom's axes, its offset from the eye, the direction to the light
    vectors[:, :3] = rotation
    vectors[:, 3] = (sight.position[row, geom] - sight.eye[camera, row]).T + rotation[:, 2] * patches.shift[which]
    vectors[:, 4] = TOWARDS_KEY[:, None]
    axes = np.ascontiguousarray(sight.axes[camera, row].reshape(-1, 9).T).reshape(3, 3, -1)
    # Sums are written out here and below, so that no library may order them by V.
    x, y, z = (axes[i][:, None] * vectors[i] for i in range(3))
    seen = x + y + z
    return Place(
        centre=seen[:, 3],
        axes=seen[:, :3],
        size=patches.size[:, which],
        straight=patches.straight[which],
        key=seen[:, 4],
        up=axes[2],
        height=sight.eye[camera, row, 2],
        axes_key=rotation[0] * TOWARDS_KEY[0] + rotation[1] * TOWARDS_KEY[1] + rotation[2] * TOWARDS_KEY[2],
        axes_up=rotation[2],
        colour=sight.colour[row, geom],
    )
