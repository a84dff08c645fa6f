"""What is drawn: the geoms as patches of surface, and where those are in the axes of the cameras.

A capsule is a tube and two balls, a cylinder a tube and the end that faces the eye, a plane the top of an endless box.
Whatever is nearest along a ray hides the rest, so patches may overlap freely. A loose thing has the patches of every
shape that it can take; those of its shape in a simulation are drawn there.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum

import mujoco
import numpy as np
from numpy.typing import NDArray

from envs.errors import UserError
from envs.shapes import SHAPES

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

ENDLESS = 1e4  # [m] half the edge of the box whose top is a plane
LOOSE_FORMS = {int(shape.geom) for shape in SHAPES.values()}  # geom types that a loose thing can have


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
    form: Ints  # (M,) type of the geom for which this patch is drawn
    shift: Floats  # (M,) along the geom's z from its centre, in its half lengths
    facing: Bools  # (M,) shifted to the end that faces the eye, rather than to the upper one
    straight: Floats  # (M,) of round ones: 1 a tube, 0 a ball

    @classmethod
    def of(cls, model: mujoco.MjModel, loose: Iterable[int]) -> "Patches":
        """`loose` geoms can have any of `LOOSE_FORMS`. Raises `UserError` for a geom that cannot be drawn."""
        forms = {geom: {int(model.geom_type[geom])} for geom in range(model.ngeom)}
        forms |= {int(geom): LOOSE_FORMS for geom in loose}
        rows = [row for geom in forms for form in forms[geom] for row in _pieces(model, geom, form)]
        kind, geom, form, shift, facing, straight = (
            np.array(column) for column in zip(*sorted(rows, key=lambda row: row[:3]), strict=True)
        )
        return cls(kind, geom, form, shift, facing, straight)

    def number(self, geom: int) -> int:
        """Of the first patch of a geom."""
        return int(np.nonzero(self.geom == geom)[0][0])

    def drawn(self, seen: Bools, form: Ints) -> tuple[Ints, Ints, Ints]:
        """Number, camera and simulation (V,) of the patches of the geoms that are `seen` (geoms, C, b).

        `form` (b, geoms) is the type of each geom in each simulation.
        """
        fits = form.T[self.geom] == self.form[:, None]
        which, camera, row = np.nonzero(seen[self.geom] & fits[:, None])
        return which, camera, row


def _pieces(model: mujoco.MjModel, geom: int, form: int) -> list[tuple[Kind, int, int, float, bool, float]]:
    """Rows of `Patches`."""

    def piece(kind: Kind, shift: float = 0.0, facing: bool = False, straight: float = 0.0) -> tuple:
        return kind, geom, form, shift, facing, straight

    tube = piece(Kind.ROUND, straight=1.0)
    match mujoco.mjtGeom(form):
        case mujoco.mjtGeom.mjGEOM_PLANE:
            return [piece(Kind.BOX, -1)]
        case mujoco.mjtGeom.mjGEOM_BOX:
            return [piece(Kind.BOX)]
        case mujoco.mjtGeom.mjGEOM_SPHERE:
            return [piece(Kind.ROUND)]
        case mujoco.mjtGeom.mjGEOM_CAPSULE:
            return [tube, piece(Kind.ROUND, -1), piece(Kind.ROUND, 1)]
        case mujoco.mjtGeom.mjGEOM_CYLINDER:
            return [tube, piece(Kind.DISC, 1, facing=True)]
        case other:
            raise UserError(f"The cameras cannot draw the geom '{model.geom(geom).name}': a {other.name}.")


def never_moves(model: mujoco.MjModel) -> Bools:
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
