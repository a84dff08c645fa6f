"""The cameras: what N simulations look like, by ray casting. No OpenGL, no display, no driver.

Pixels are a function of one simulation's state and appearance alone, bit for bit, at any batch size and thread count.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from envs.cameras import optics, shading
from envs.cameras.optics import CAMERAS
from envs.errors import UserError
from envs.simulation import Simulation
from envs.spaces import CAMERAS as NAMES
from envs.spaces import IMAGE_SIZE, MAX_IMAGE_SIZE

Ints = NDArray[np.int64]
Bytes = NDArray[np.uint8]

RAYS_AT_ONCE = 2**18  # bounds memory


@dataclass(frozen=True)
class Appearance:
    """What n episodes look like."""

    colours: NDArray[np.floating]
    """Of each thing by handle, (n, things, 3), red green blue in [0, 1]."""


class Cameras:
    """Pictures of N simulations from every camera."""

    def __init__(self, simulation: Simulation, size: int = IMAGE_SIZE, names: Sequence[str] = NAMES) -> None:
        if not 1 <= size <= MAX_IMAGE_SIZE:
            raise UserError(f"An image is between 1 and {MAX_IMAGE_SIZE} pixels wide; {size} was asked for.")
        self.simulation, self.size, self.names = simulation, size, tuple(names)
        model = simulation.scene.model
        self._colours = np.empty((simulation.n, model.ngeom + 1, 3), np.float32)
        self._colours[:, :-1] = model.geom_rgba[:, :3]
        self._colours[:, -1] = shading.BACKDROP  # geom -1: nothing was met

    def paint(self, ids: Ints, appearance: Appearance) -> None:
        """From now on simulations `ids` look like `appearance`, row by row."""
        self._colours[np.ix_(ids, self.simulation.scene.geoms)] = appearance.colours

    def resized(self, size: int, names: Sequence[str] = NAMES) -> "Cameras":
        """The same simulations with the same appearance, in pictures of another size, from some of the cameras."""
        other = Cameras(self.simulation, size, names)
        other._colours = self._colours
        return other

    def render(self, ids: Ints) -> dict[str, Bytes]:
        """What each camera sees of simulations `ids` now, (n, size, size, 3)."""
        ids = np.asarray(ids)
        unique, inverse = np.unique(ids, return_inverse=True)
        block = max(1, RAYS_AT_ONCE // self.size**2)
        frames = {}
        for camera in CAMERAS:
            if camera.name not in self.names:
                continue
            parts = [self._cast(camera, unique[i : i + block]) for i in range(0, len(unique), block)]
            frames[camera.name] = np.concatenate(parts)[inverse]
        return frames

    def _cast(self, camera: optics.Camera, ids: Ints) -> Bytes:
        """Every pixel of `camera` against every geom of simulations `ids`, which are sorted and unique."""
        eye, axes = optics.poses(camera, self.simulation.tool_position[ids], self.simulation.tool_rotation[ids])
        slopes = optics.pixel_slopes(camera, self.size)[:, None]
        rows = axes[:, None, :, 2] + slopes * axes[:, None, :, 1]
        columns = slopes * axes[:, None, :, 0]
        rays = (rows[:, :, None] + columns[:, None]).reshape(len(ids), -1, 3)
        _, geoms, normals = self.simulation.batch.ray(eye[:, None], rays, ids=ids, normal=True)
        colours = self._colours[ids[:, None], geoms] * shading.brightness(normals)[..., None]
        return shading.to_bytes(colours).reshape(len(ids), self.size, self.size, 3)

    def project(self, ids: Ints, points: NDArray[np.floating]) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        """Where points (n, k, 3) [m] of simulations `ids` are in each of C cameras' images.

        Returns (u, v) in [-1, 1], u right and v down, (n, C, k, 2), and whether they lie inside the image and in front
        of the camera, (n, C, k). What hides what is not considered.
        """
        pixels, visible = [], []
        for camera in CAMERAS:
            pose = optics.poses(camera, self.simulation.tool_position[ids], self.simulation.tool_rotation[ids])
            pixel, depth = optics.project(camera, *pose, np.asarray(points, float))
            pixels.append(pixel.astype(np.float32))
            visible.append((depth > 0) & (np.abs(pixel) <= 1).all(axis=-1))
        return np.stack(pixels, axis=1), np.stack(visible, axis=1)
