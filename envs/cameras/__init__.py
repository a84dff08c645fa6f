"""The cameras: what N simulations look like, by ray casting. No OpenGL, no display, no driver.

Pixels are a function of one simulation's state and appearance alone, bit for bit, at any batch size and thread count.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import mujoco
import numpy as np
from numpy.typing import NDArray

from envs.cameras import optics, shading
from envs.cameras.drawing import Drawing
from envs.cameras.patches import Floats, Ints, Sight
from envs.cameras.tiles import Grid
from envs.errors import UserError
from envs.looks import Look
from envs.simulation import Simulation
from envs.spaces import CAMERAS, IMAGE_SIZE, MAX_IMAGE_SIZE

Bytes = NDArray[np.uint8]

PIXELS_AT_ONCE = 2**18  # of one camera, drawn by one thread: what the processor's cache can take
SMALL_IMAGE, SMALL_TILE, LARGE_TILE = 128, 4, 8  # [px] tiles are multiples of four, see `shading.words`


class Cameras:
    """Pictures of N simulations."""

    def __init__(
        self, simulation: Simulation, size: int = IMAGE_SIZE, names: Sequence[str] = CAMERAS, smooth: int = 1
    ) -> None:
        """Pictures are `size` pixels wide, each the mean of `smooth` x `smooth` rays."""
        if not 1 <= size <= MAX_IMAGE_SIZE:
            raise UserError(f"An image is 1 to {MAX_IMAGE_SIZE} pixels wide; {size} were asked for.")
        self.simulation, self.size, self.smooth = simulation, size, smooth
        self.cameras = [optics.camera(name) for name in names]
        model = simulation.scene.model
        self._colours = np.repeat(shading.pack(model.geom_rgba[None, :, :3]), simulation.n, axis=0)
        self._grid = Grid(size * smooth, SMALL_TILE if size * smooth <= SMALL_IMAGE else LARGE_TILE)
        self._drawing = Drawing(simulation.scene, self.cameras, self._grid, self._first_sight())
        self._pool = ThreadPoolExecutor(simulation.batch.nthread)

    def paint(self, ids: Ints, looks: Sequence[Look]) -> None:
        """From now on simulations `ids` look like `looks`, row by row."""
        colours = np.stack([look.colours for look in looks])
        self._colours[np.ix_(ids, self.simulation.scene.geoms)] = shading.pack(colours)

    def resized(self, size: int, names: Sequence[str] = CAMERAS, smooth: int = 1) -> "Cameras":
        """The same simulations with the same appearance, in pictures of another size, from some of the cameras."""
        other = Cameras(self.simulation, size, names, smooth)
        other._colours = self._colours
        return other

    def render(self, ids: Ints) -> dict[str, Bytes]:
        """What each camera sees of simulations `ids` now, (n, size, size, 3)."""
        ids, grid = np.asarray(ids), self._grid
        side = grid.across * grid.tile
        frames = np.empty((len(self.cameras), len(ids), grid.across, grid.tile, grid.across, 3 * grid.tile // 4), "<u4")
        blocks = min(-(-len(ids) * side**2 // PIXELS_AT_ONCE), len(ids))
        jobs = [slice(len(ids) * i // blocks, len(ids) * (i + 1) // blocks) for i in range(blocks)]
        # Two threads that share one block wait for each other more than they help.
        each = self._pool.map if blocks > 1 else map
        list(each(lambda some: self._draw(ids[some], frames[:, some]), jobs))
        pictures = frames.view(np.uint8).reshape(len(self.cameras), len(ids), side, side, 3)
        pictures = pictures[:, :, : grid.size, : grid.size]
        return {c.name: self._smoothed(one) for c, one in zip(self.cameras, pictures, strict=True)}

    def project(self, ids: Ints, points: NDArray[np.floating]) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        """Where points (n, k, 3) [m] of simulations `ids` are in each of C cameras' images.

        Returns (u, v) in [-1, 1], u right and v down, (n, C, k, 2), and whether they lie inside the image and in front
        of the camera, (n, C, k). What hides what is not considered.
        """
        pixels, visible = [], []
        tool = self.simulation.tool_position[ids], self.simulation.tool_rotation[ids]
        for camera in self.cameras:
            pixel, depth = optics.project(camera, *optics.poses(camera, *tool), np.asarray(points, float))
            pixels.append(pixel.astype(np.float32))
            visible.append((depth > 0) & (np.abs(pixel) <= 1).all(axis=-1))
        return np.stack(pixels, axis=1), np.stack(visible, axis=1)

    def _draw(self, ids: Ints, frames: NDArray[np.uint32]) -> None:
        simulation = self.simulation
        eye, axes = self._poses(simulation.tool_position[ids], simulation.tool_rotation[ids])
        sight = Sight(eye, axes, simulation.geom_xpos[ids], simulation.geom_xmat[ids], self._colours[ids])
        self._drawing.draw(sight, frames)

    def _first_sight(self) -> Sight:
        """Of the model as it is defined, whatever the simulations are at."""
        model = self.simulation.scene.model
        data = mujoco.MjData(model)
        mujoco.mj_kinematics(model, data)
        return Sight(
            *self._poses(np.zeros((1, 3)), np.eye(3)[None]),
            data.geom_xpos[None],
            data.geom_xmat[None],
            self._colours[:1],
        )

    def _poses(self, tool_position: Floats, tool_rotation: Floats) -> tuple[Floats, Floats]:
        """Eyes (C, n, 3) and axes (C, n, 3, 3) of the cameras."""
        eye, axes = zip(*(optics.poses(camera, tool_position, tool_rotation) for camera in self.cameras), strict=True)
        return np.stack(eye), np.stack(axes)

    def _smoothed(self, pictures: Bytes) -> Bytes:
        """The mean of every `smooth` x `smooth` pixels."""
        k = self.smooth
        if k == 1:
            return np.ascontiguousarray(pictures)
        total = np.full((len(pictures), self.size, self.size, 3), k * k // 2, np.uint32)
        for i, j in np.ndindex(k, k):
            total += pictures[:, i::k, j::k]
        return (total // (k * k)).astype(np.uint8)
