"""One picture from every camera, of several simulations at once: the steps of drawing, in order."""

from collections.abc import Sequence
from itertools import pairwise

import mujoco
import numpy as np

from envs.cameras import outlines
from envs.cameras.behind import FLOOR, TABLE, Behind, Ground, Still, Words, write
from envs.cameras.optics import Camera
from envs.cameras.patches import Patches, Sight, never_moves
from envs.cameras.shadows import Shadows
from envs.cameras.tiles import Candidates, Grid, candidates, draw
from envs.scene import Scene


class Drawing:
    """What can be prepared for all pictures of a scene."""

    def __init__(self, scene: Scene, cameras: Sequence[Camera], grid: Grid, sight: Sight) -> None:
        """`sight` is of one simulation: what never moves is drawn as it is there."""
        model = scene.model
        self._cameras, self._grid = cameras, grid
        self._edges = np.array([camera.slope for camera in cameras])
        self._slopes = np.concatenate([grid.slopes(edge) for edge in self._edges], axis=1)
        self._patches = Patches.of(model)
        self._reach = np.where(model.geom_rbound > 0, model.geom_rbound, np.inf)  # [m] of each geom
        numbers = np.arange(model.ngeom)
        still, boxes = never_moves(model), model.geom_type == mujoco.mjtGeom.mjGEOM_BOX
        pads = scene.geoms[list(scene.objects.handles("pad"))]
        self._table, self._floor = (model.geom(name).id for name in (TABLE, FLOOR))
        self._ground = np.isin(numbers, (self._table, self._floor))
        self._casting = boxes & ~still & ~np.isin(numbers, pads)  # geoms that throw shadows
        carried = np.array([camera.carried for camera in cameras])
        # (geoms, C, 1): what is drawn anew each time, if it may be in view; what must be known of even if it is not.
        self._drawn = (carried | ~still[:, None])[..., None]
        self._known = (carried & self._ground[:, None] | self._casting[:, None])[..., None]
        self._still = [
            None if camera.carried else Still(self._patches, sight.of_camera(i), still, camera.slope, grid)
            for i, camera in enumerate(cameras)
        ]

    def draw(self, sight: Sight, frames: Words) -> None:
        """Paint pictures (C, b, …)."""
        grid, (cameras, b) = self._grid, frames.shape[:2]
        seen = outlines.in_view(*sight.balls(self._reach), self._edges[:, None]) & self._drawn | self._known
        found = candidates(self._patches, sight, seen, self._ground, self._edges, grid)
        shadows = Shadows(found, np.nonzero(self._casting[self._patches.geom[found.which]])[0], self._edges, grid)
        behind = [self._behind(found, camera) for camera in range(cameras)]

        # Only tiles in which something may be seen are worked out. Each of those has a slot.
        busy = np.empty((cameras, b, grid.tiles), bool)
        for mine, one in zip(busy, behind, strict=True):
            mine[:] = one.open
        touched = [
            (one.camera * b + one.row)[one.pairs.patch] * grid.tiles + one.pairs.row * grid.across + one.pairs.column
            for one in (found, shadows)
        ]
        busy.reshape(-1)[np.concatenate(touched)] = True
        camera, row, tile = np.nonzero(busy)
        slots = np.empty(busy.size, np.int64)
        slots[busy.reshape(-1)] = np.arange(len(tile))
        slot, shadow_slot = (slots[tile] for tile in touched)

        own = pairwise(np.searchsorted(camera, np.arange(cameras + 1)))
        keys = np.concatenate([one.keys(row[a:z], tile[a:z]) for one, (a, z) in zip(behind, own, strict=True)], axis=2)
        draw(keys, slot, found, self._slopes, grid)
        dark = shadows.on(keys, shadow_slot, self._slopes, grid)
        for one, pictures in zip(behind, frames, strict=True):
            one.fill(pictures)
        frames[camera, row, tile // grid.across, :, tile % grid.across] = write(keys, dark)

    def _behind(self, found: Candidates, camera: int) -> Behind:
        still = self._still[camera]
        if still is not None:
            return still
        numbers = [self._patches.number(geom) for geom in (self._table, self._floor)]
        table, floor = (np.nonzero((found.camera == camera) & (found.which == number))[0] for number in numbers)
        return Ground(found, table, floor, self._cameras[camera].slope, self._grid)
