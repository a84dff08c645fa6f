"""The cameras: what N simulations look like, by ray casting. No OpenGL, no display, no driver.

Pixels are a function of one simulation's state and appearance alone, bit for bit, at any batch size and thread count.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import mujoco
import numpy as np
from numpy.typing import NDArray

from envs.cameras import optics, visibility
from envs.cameras.appearance import Appearance
from envs.cameras.drawing import Drawing
from envs.cameras.patches import ENDLESS, Bools, Floats, Ints
from envs.cameras.sight import Sight
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
        self,
        simulation: Simulation,
        size: int = IMAGE_SIZE,
        names: Sequence[str] = CAMERAS,
        smooth: int = 1,
        appearance: Appearance | None = None,
    ) -> None:
        """Pictures are `size` pixels wide, each the mean of `smooth` x `smooth` rays."""
        if not 1 <= size <= MAX_IMAGE_SIZE:
            raise UserError(f"An image is 1 to {MAX_IMAGE_SIZE} pixels wide; {size} were asked for.")
        self.simulation, self.size, self.smooth = simulation, size, smooth
        self.cameras = [optics.camera(name) for name in names]
        scene, n = simulation.scene, simulation.n
        self._appearance = appearance or Appearance(scene, n)
        self._numbers = [CAMERAS.index(name) for name in names]  # of the cameras in a look
        self._planes = scene.model.geom_type == mujoco.mjtGeom.mjGEOM_PLANE
        self._grid = Grid(size * smooth, SMALL_TILE if size * smooth <= SMALL_IMAGE else LARGE_TILE)
        self._pool = ThreadPoolExecutor(simulation.batch.nthread)
        # Slot 0 is for what never moves as it usually looks, slot 1 + i for it in simulation i, in one version of it.
        self._drawing = Drawing(scene, self.cameras, self._grid, 1 + n)
        self._version = np.full(n, -1)
        self._keep_still(Appearance(scene, 1), np.zeros(1, int), np.zeros(1, int))

    def paint(self, ids: Ints, looks: Sequence[Look]) -> None:
        """From now on simulations `ids` look like `looks`, row by row: here and in all that was `resized`."""
        self._appearance.paint(ids, looks)

    def resized(self, size: int, names: Sequence[str] = CAMERAS, smooth: int = 1) -> "Cameras":
        """The same simulations with the same appearance, in pictures of another size, from some of the cameras."""
        return Cameras(self.simulation, size, names, smooth, self._appearance)

    def render(self, ids: Ints) -> dict[str, Bytes]:
        """What each camera sees of simulations `ids` now, (n, size, size, 3)."""
        ids, grid = np.asarray(ids), self._grid
        self._refresh(ids)
        side = grid.across * grid.tile
        frames = np.empty((len(self.cameras), len(ids), grid.across, grid.tile, grid.across, 3 * grid.tile // 4), "<u4")
        jobs = self._jobs(len(ids))
        # Two threads that share one block wait for each other more than they help.
        each = self._pool.map if len(jobs) > 1 else map
        list(each(lambda some: self._draw(ids[some], frames[:, some]), jobs))
        pictures = frames.view(np.uint8).reshape(len(self.cameras), len(ids), side, side, 3)
        pictures = pictures[:, :, : grid.size, : grid.size]
        return {c.name: self._smoothed(one) for c, one in zip(self.cameras, pictures, strict=True)}

    def poses(self, ids: Ints) -> tuple[Floats, Floats]:
        """Eyes (C, n, 3) [m] and axes (C, n, 3, 3) of the cameras in simulations `ids` now."""
        looks, tool = self._appearance, (self.simulation.tool_position[ids], self.simulation.tool_rotation[ids])
        mounts = [(looks.eye[number, ids], looks.axes[number, ids]) for number in self._numbers]
        placed = [
            optics.carried(*mount, *tool) if camera.carried else mount
            for camera, mount in zip(self.cameras, mounts, strict=True)
        ]
        return np.stack([eye for eye, _ in placed]), np.stack([axes for _, axes in placed])

    def project(self, ids: Ints, points: NDArray[np.floating]) -> tuple[NDArray[np.float32], Bools]:
        """Where points (n, k, 3) [m] of simulations `ids` are in each of C cameras' images.

        Returns (u, v) in [-1, 1], u right and v down, (n, C, k, 2), and whether they lie inside the image and in front
        of the camera, (n, C, k), be they hidden or not.
        """
        pixels, inside = [], []
        for camera, eye, axes in zip(self.cameras, *self.poses(ids), strict=True):
            pixel, within = optics.project(camera, eye, axes, np.asarray(points, float))
            pixels.append(pixel.astype(np.float32))
            inside.append(within)
        return np.stack(pixels, axis=1), np.stack(inside, axis=1)

    def sees(self, ids: Ints, geoms: Ints) -> Bools:
        """Whether each of C cameras sees `geoms` (n, k) of simulations `ids`, (n, C, k), see `visibility`."""
        return visibility.seen(self.simulation, self.cameras, *self.poses(ids), ids, geoms)

    def _jobs(self, count: int) -> list[slice]:
        """Parts of so many pictures that are drawn at once."""
        blocks = min(-(-count * (self._grid.across * self._grid.tile) ** 2 // PIXELS_AT_ONCE), count)
        return [slice(count * i // blocks, count * (i + 1) // blocks) for i in range(blocks)]

    def _refresh(self, ids: Ints) -> None:
        """Draw anew what never moves, where its looks have changed."""
        looks = self._appearance
        stale = np.unique(ids[~looks.usual[ids] & (self._version[ids] != looks.version[ids])])
        for some in self._jobs(len(stale)):
            self._keep_still(looks, stale[some], 1 + stale[some])
        self._version[stale] = looks.version[stale]

    def _keep_still(self, looks: Appearance, rows: Ints, slot: Ints) -> None:
        """It is drawn where the model has it, whatever the simulations are at."""
        model = self.simulation.scene.model
        data = mujoco.MjData(model)
        mujoco.mj_kinematics(model, data)

        def repeated(one: NDArray) -> NDArray:
            return np.stack([one] * len(rows))

        sight = self._sight(
            looks,
            rows,
            (looks.eye[self._numbers][:, rows], looks.axes[self._numbers][:, rows]),
            position=repeated(data.geom_xpos),
            rotation=repeated(data.geom_xmat),
            form=repeated(model.geom_type),
            size=repeated(model.geom_size),
            reach=repeated(model.geom_rbound),
        )
        self._drawing.keep_still(sight, slot)

    def _draw(self, ids: Ints, frames: NDArray[np.uint32]) -> None:
        looks, simulation, matter = self._appearance, self.simulation, self.simulation.matter
        sight = self._sight(
            looks,
            ids,
            self.poses(ids),
            position=simulation.geom_xpos[ids],
            rotation=simulation.geom_xmat[ids],
            form=matter.geom_type[ids],
            size=matter.geom_size[ids],
            reach=matter.geom_rbound[ids],
        )
        self._drawing.draw(sight, np.where(looks.usual[ids], 0, 1 + ids), frames)

    def _sight(
        self,
        looks: Appearance,
        rows: Ints,
        poses: tuple[Floats, Floats],
        *,
        size: Floats,
        reach: Floats,
        **geoms: NDArray,
    ) -> Sight:
        size[:, self._planes], reach[:, self._planes] = ENDLESS, np.inf
        return Sight(
            *poses,
            size=size,
            reach=reach,
            colour=looks.colours[rows],
            light=looks.light[rows],
            strength=looks.strength[rows],
            pattern=looks.pattern[rows],
            palette=looks.palette[rows],
            **geoms,
        )

    def _smoothed(self, pictures: Bytes) -> Bytes:
        """The mean of every `smooth` x `smooth` pixels."""
        k = self.smooth
        if k == 1:
            return np.ascontiguousarray(pictures)
        total = np.full((len(pictures), self.size, self.size, 3), k * k // 2, np.uint32)
        for i, j in np.ndindex(k, k):
            total += pictures[:, i::k, j::k]
        return (total // (k * k)).astype(np.uint8)
