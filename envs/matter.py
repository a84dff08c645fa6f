"""What loose things are made of, in each simulation: shape, size, mass and friction, written into the model's arrays.

MuJoCo derives further constants from these when it compiles a model. For a free body with one centred geom they are
simple, so they are written here for the simulations that begin an episode, and for those only.
"""

import mujoco
import numpy as np
from mujoco.batch import Batch

from envs.layouts import Layout
from envs.scene import FRICTION, Scene
from envs.shapes import SHAPES, inertia
from envs.view import Floats, Ints

CYLINDER = mujoco.mjtGeom.mjGEOM_CYLINDER


class Matter:
    """Arrays whose rows are simulations."""

    def __init__(self, scene: Scene, batch: Batch) -> None:
        self._bodies, self._geoms, self._dofs = scene.bodies[scene.loose], scene.geoms[scene.loose], scene.loose_dof
        self._loose = scene.loose
        self.geom_type: Ints = batch.expand("geom_type")  # (N, geoms)
        self.geom_size: Floats = batch.expand("geom_size")  # (N, geoms, 3) [m]
        self.geom_rbound: Floats = batch.expand("geom_rbound")  # (N, geoms) [m] zero: it has no end
        self._aabb = batch.expand("geom_aabb")
        self._friction = batch.expand("geom_friction")
        self._mass, self._inertia = batch.expand("body_mass"), batch.expand("body_inertia")
        self._subtree, self._gravcomp = batch.expand("body_subtreemass"), batch.expand("body_gravcomp")
        self._body_weight, self._dof_weight = batch.expand("body_invweight0"), batch.expand("dof_invweight0")

    def put(self, row: int, layout: Layout) -> None:
        """Make the loose things of simulation `row` those of `layout`."""
        for handle, body, geom, dofs in zip(self._loose, self._bodies, self._geoms, self._dofs, strict=True):
            kind, half, mass = SHAPES[layout.shapes[handle]].geom, layout.half[handle], layout.mass[handle]
            moments = inertia(kind == CYLINDER, mass, half)
            self.geom_type[row, geom] = kind
            self.geom_size[row, geom] = [half[0], half[2], 0] if kind == CYLINDER else half
            wide = half[0] ** 2 if kind == CYLINDER else half[0] ** 2 + half[1] ** 2
            self.geom_rbound[row, geom] = np.sqrt(wide + half[2] ** 2)
            self._aabb[row, geom, 3:] = half
            self._friction[row, geom] = FRICTION
            self._friction[row, geom, 0] *= layout.friction[handle]
            self._mass[row, body] = self._subtree[row, body] = mass
            self._inertia[row, body] = moments
            self._body_weight[row, body] = 1 / mass, (1 / moments).mean()  # against a push, against a twist
            self._dof_weight[row, dofs] = np.repeat(self._body_weight[row, body], 3)
            self._gravcomp[row, body] = 0.0 if layout.present[handle] else 1.0
