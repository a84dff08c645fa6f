"""The cameras: what N simulations look like, by ray casting. No OpenGL, no display, no driver.

Pixels are a function of one simulation's state and appearance alone, bit for bit, at any batch size and thread count.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from envs.cameras import optics, outlines, shading
from envs.cameras.behind import FLOOR, TABLE, Behind, Ground, Still, Words, write
from envs.cameras.patches import Ints, Patches, Sight
from envs.cameras.tiles import Candidates, Grid, candidates, draw
from envs.errors import UserError
from envs.simulation import Simulation
from envs.spaces import CAMERAS, IMAGE_SIZE, MAX_IMAGE_SIZE

Bytes = NDArray[np.uint8]

PIXELS_AT_ONCE = 2**18  # of one camera: bounds memory
SMALL_IMAGE, SMALL_TILE, LARGE_TILE = 128, 4, 8  # [px] multiples of four, see `shading.words`


@dataclass(frozen=True)
class Appearance:
    """What n episodes look like."""

    colours: NDArray[np.floating]
    """Of each thing by handle, (n, things, 3), red green blue in [0, 1]."""


class Cameras:
    """Pictures of N simulations."""

    def __init__(self, simulation: Simulation, size: int = IMAGE_SIZE, names: Sequence[str] = CAMERAS) -> None:
        if not 1 <= size <= MAX_IMAGE_SIZE:
            raise UserError(f"An image is 1 to {MAX_IMAGE_SIZE} pixels wide; {size} were asked for.")
        model = simulation.scene.model
        self.simulation, self.size = simulation, size
        self.cameras = [optics.camera(name) for name in names]
        self._edges = np.array([camera.slope for camera in self.cameras])
        self._grid = Grid(size, SMALL_TILE if size <= SMALL_IMAGE else LARGE_TILE)
        self._slopes = np.concatenate([self._grid.slopes(edge) for edge in self._edges], axis=1)
        self._patches = Patches.of(model)
        self._reach = np.where(model.geom_rbound > 0, model.geom_rbound, np.inf)[:, None, None]  # [m] of each geom
        self._colours = np.repeat(shading.pack(model.geom_rgba[None, :, :3]), simulation.n, axis=0)
        static = model.body_weldid[model.geom_bodyid] == 0
        self._ground = np.isin(np.arange(model.ngeom), [model.geom(name).id for name in (TABLE, FLOOR)])
        # What is drawn anew each time: all but what is in the picture taken once.
        self._drawn = np.stack([c.carried | ~static for c in self.cameras], axis=1)[..., None]  # (geoms, C, 1)
        self._always = np.stack([c.carried & self._ground for c in self.cameras], axis=1)[..., None]
        sight = self._sight(np.zeros(1, int))
        self._still = [
            None if camera.carried else Still(self._patches, sight.of_camera(i), static, camera.slope, self._grid)
            for i, camera in enumerate(self.cameras)
        ]
        self._pool = ThreadPoolExecutor(simulation.batch.nthread)

    def paint(self, ids: Ints, appearance: Appearance) -> None:
        """From now on simulations `ids` look like `appearance`, row by row."""
        self._colours[np.ix_(ids, self.simulation.scene.geoms)] = shading.pack(appearance.colours)

    def resized(self, size: int, names: Sequence[str] = CAMERAS) -> "Cameras":
        """The same simulations with the same appearance, in pictures of another size, from some of the cameras."""
        other = Cameras(self.simulation, size, names)
        other._colours = self._colours
        return other

    def render(self, ids: Ints) -> dict[str, Bytes]:
        """What each camera sees of simulations `ids` now, (n, size, size, 3)."""
        ids = np.asarray(ids)
        grid = self._grid
        frames = np.empty((len(self.cameras), len(ids), grid.across, grid.tile, grid.across, 3 * grid.tile // 4), "<u4")
        most = max(1, PIXELS_AT_ONCE // (grid.across * grid.tile) ** 2)
        blocks = max(-(-len(ids) // most), min(len(ids) // 4, self.simulation.batch.nthread), 1)
        edges = [len(ids) * i // blocks for i in range(blocks + 1)]
        jobs = [slice(a, b) for a, b in pairwise(edges)]
        if len(jobs) == 1:
            self._draw(ids, frames)
        else:
            list(self._pool.map(lambda some: self._draw(ids[some], frames[:, some]), jobs))
        pictures = frames.view(np.uint8).reshape(*frames.shape[:2], grid.across * grid.tile, -1, 3)
        pictures = pictures[:, :, : self.size, : self.size]
        return {c.name: np.ascontiguousarray(one) for c, one in zip(self.cameras, pictures, strict=True)}

    def project(self, ids: Ints, points: NDArray[np.floating]) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        """Where points (n, k, 3) [m] of simulations `ids` are in each of C cameras' images.

        Returns (u, v) in [-1, 1], u right and v down, (n, C, k, 2), and whether they lie inside the image and in front
        of the camera, (n, C, k). What hides what is not considered.
        """
        pixels, visible = [], []
        for camera in self.cameras:
            pose = optics.poses(camera, self.simulation.tool_position[ids], self.simulation.tool_rotation[ids])
            pixel, depth = optics.project(camera, *pose, np.asarray(points, float))
            pixels.append(pixel.astype(np.float32))
            visible.append((depth > 0) & (np.abs(pixel) <= 1).all(axis=-1))
        return np.stack(pixels, axis=1), np.stack(visible, axis=1)

    def _sight(self, ids: Ints) -> Sight:
        simulation = self.simulation
        tool = simulation.tool_position[ids], simulation.tool_rotation[ids]
        eye, axes = (np.stack(part) for part in zip(*(optics.poses(c, *tool) for c in self.cameras), strict=True))
        return Sight(eye, axes, simulation.geom_xpos[ids], simulation.geom_xmat[ids], self._colours[ids])

    def _draw(self, ids: Ints, frames: Words) -> None:
        """Pictures (C, n, …) of simulations `ids`."""
        grid, cameras, n = self._grid, len(self.cameras), len(ids)
        sight = self._sight(ids)
        seen = outlines.in_view(*sight.balls(self._reach), self._edges[:, None]) & self._drawn | self._always
        found = candidates(self._patches, sight, seen, self._ground, self._edges, grid)
        behind = [self._behind(found, camera) for camera in range(cameras)]

        # Only tiles in which something may be seen are worked out. Each has a slot.
        busy = np.empty((cameras, n, grid.tiles), bool)
        for camera, one in enumerate(behind):
            busy[camera] = one.open
        pairs = found.pairs
        tile = (found.camera * n + found.row)[pairs.patch] * grid.tiles + pairs.row * grid.across + pairs.column
        busy.reshape(-1)[tile] = True
        camera_at, row_at, tile_at = np.nonzero(busy)
        slot = np.empty(busy.size, np.int64)
        slot[busy.reshape(-1)] = np.arange(len(tile_at))

        edges = np.searchsorted(camera_at, np.arange(cameras + 1))
        keys = np.concatenate(
            [one.keys(row_at[a:b], tile_at[a:b]) for one, (a, b) in zip(behind, pairwise(edges), strict=True)], axis=2
        )
        draw(keys, slot[tile], found, self._slopes, grid)
        for one, pictures in zip(behind, frames, strict=True):
            one.fill(pictures)
        frames[camera_at, row_at, tile_at // grid.across, :, tile_at % grid.across] = write(keys)

    def _behind(self, found: Candidates, camera: int) -> Behind:
        model, edge = self.simulation.scene.model, self.cameras[camera].slope
        return self._still[camera] or Ground(model, self._patches, found, camera, edge, self._grid)
