"""One picture from every camera, of several simulations at once: the steps of drawing, in order."""

from collections.abc import Sequence
from itertools import pairwise

import mujoco
import numpy as np

from envs.cameras import outlines
from envs.cameras.behind import FLOOR, TABLE, Behind, Ground, Words, put, write
from envs.cameras.optics import Camera
from envs.cameras.patches import Ints, Kind, Patches, never_moves
from envs.cameras.shadows import Shadows
from envs.cameras.sight import Sight
from envs.cameras.stills import Stills
from envs.cameras.tiles import Candidates, Grid, candidates, draw
from envs.scene import Scene


class Drawing:
    """What can be prepared for all pictures of a scene, and the pictures that are taken once an episode."""

    def __init__(self, scene: Scene, cameras: Sequence[Camera], grid: Grid, slots: int) -> None:
        """`slots` are those for pictures of what never moves."""
        model = scene.model
        self._cameras, self._grid = cameras, grid
        self._edges = np.array([camera.slope for camera in cameras])
        self._slopes = np.concatenate([grid.slopes(edge) for edge in self._edges], axis=1)
        self._patches = Patches.of(model, scene.geoms[scene.loose])
        numbers = np.arange(model.ngeom)
        still, boxes = never_moves(model), model.geom_type == mujoco.mjtGeom.mjGEOM_BOX
        self._geoms = (model.geom(TABLE).id, model.geom(FLOOR).id)
        self._ground = np.isin(numbers, self._geoms)
        self._depth = float(model.geom_pos[model.geom(FLOOR).id, 2])  # [m] what lies below it is never seen
        casting = boxes & ~still & ~np.isin(numbers, scene.geoms[scene.pads])  # geoms that throw shadows
        self._casting = casting[self._patches.geom] & (self._patches.kind != Kind.DISC)
        carried = np.array([camera.carried for camera in cameras])
        # (geoms, C, 1): what is drawn anew each time, if it may be in view; what must be known of even if it is not.
        self._drawn = (carried | ~still[:, None])[..., None]
        self._known = (carried & self._ground[:, None] | casting[:, None])[..., None]
        self._still = still[:, None, None]
        self._stills = [None if camera.carried else Stills(slots, grid) for camera in cameras]

    def keep_still(self, sight: Sight, slot: Ints) -> None:
        """Keep what never moves as the fixed cameras see it in b simulations, each in its `slot` (b,)."""
        grid, b = self._grid, len(slot)
        row, tile = np.repeat(np.arange(b), grid.tiles), np.tile(np.arange(grid.tiles), b)
        for camera, stills in enumerate(self._stills):
            if stills is None:
                continue
            mine, edge = sight.of_camera(camera), self._edges[camera : camera + 1]
            seen = np.broadcast_to(self._still, (len(self._still), 1, b))
            found = candidates(self._patches, mine, seen, self._ground, edge, grid)
            keys = self._ground_behind(found, 0, mine, float(edge[0])).keys(row, tile)
            pairs = found.pairs
            place = found.row[pairs.patch] * grid.tiles + pairs.row * grid.across + pairs.column
            draw(keys, place, found, grid.slopes(float(edge[0])), grid)
            stills.put(slot, keys)

    def draw(self, sight: Sight, slot: Ints, frames: Words) -> None:
        """Paint pictures (C, b, …) in front of what is kept in `slot` (b,)."""
        grid, (cameras, b) = self._grid, frames.shape[:2]
        seen = outlines.in_view(*sight.balls(), self._edges[:, None]) & self._drawn | self._known
        seen &= (sight.position[..., 2] + sight.reach > self._depth).T[:, None]  # not where unused things are kept
        found = candidates(self._patches, sight, seen, self._ground, self._edges, grid)
        shadows = Shadows(found, np.nonzero(self._casting[found.which])[0], self._edges, grid)
        behind = [self._behind(found, camera, sight, slot) for camera in range(cameras)]

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

        own = [slice(*some) for some in pairwise(np.searchsorted(camera, np.arange(cameras + 1)))]
        keys = np.concatenate([one.keys(row[some], tile[some]) for one, some in zip(behind, own, strict=True)], axis=2)
        draw(keys, slot, found, self._slopes, grid)
        words = write(keys, shadows.on(keys, shadow_slot, self._slopes, grid))
        for one, some, pictures, mine in zip(behind, own, frames, busy, strict=True):
            one.fill(pictures, ~mine)
            put(pictures, row[some], tile[some], words[..., some])

    def _behind(self, found: Candidates, camera: int, sight: Sight, slot: Ints) -> Behind:
        stills = self._stills[camera]
        if stills is not None:
            return stills.behind(slot)
        return self._ground_behind(found, camera, sight, float(self._edges[camera]))

    def _ground_behind(self, found: Candidates, camera: int, sight: Sight, edge: float) -> Ground:
        return Ground(self._patches, found, camera, self._geoms, sight, edge, self._grid)
