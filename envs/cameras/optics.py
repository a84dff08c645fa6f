"""Where the cameras stand, and which ray each pixel looks along.

A camera's axes are x right, y down, z forward. Directions are not normalised: the ray of a pixel is (x, y, 1) with the
pixel's slopes x and y, so that the distance along it is the depth of what it meets.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from envs.errors import unknown

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Camera:
    """A pinhole camera with a square image, fixed in the world or carried by the tool."""

    name: str
    eye: tuple[float, float, float]
    """[m] in the world, or in the tool's frame."""
    target: tuple[float, float, float]
    """[m] a point that is seen in the middle of the image."""
    up: tuple[float, float, float]
    """A direction that points upwards in the image."""
    view: float
    """[deg] angle of view, side to side."""
    carried: bool = False
    """By the tool (x forward, z out of the hand), rather than fixed in the world."""

    @cached_property
    def slope(self) -> float:
        """Tangent of half the angle of view: x of the ray at the right edge of the image."""
        return float(np.tan(np.deg2rad(self.view) / 2))

    @cached_property
    def axes(self) -> Floats:
        """Right, down and forward as the columns of a rotation, (3, 3), in the camera's mount."""
        forward = _unit(np.subtract(self.target, self.eye))
        right = _unit(np.cross(forward, self.up))
        return np.stack([right, np.cross(forward, right), forward], axis=1)


CAMERAS = (
    Camera("front", eye=(1.50, 0.0, 0.79), target=(0.47, 0.0, 0.175), up=(0, 0, 1), view=25.6),
    Camera("wrist", eye=(0.078, 0.0, -0.072), target=(0.0567, 0.0, 0.028), up=(1, 0, 0), view=82.0, carried=True),
)


def camera(name: str) -> Camera:
    """Raises `UserError` if there is none of that name."""
    for one in CAMERAS:
        if one.name == name:
            return one
    raise unknown("camera", name, [one.name for one in CAMERAS])


def poses(camera: Camera, tool_position: Floats, tool_rotation: Floats) -> tuple[Floats, Floats]:
    """Eye (n, 3) [m] and axes (n, 3, 3) of one camera in the world, for n tools.

    Sums are written out, so that no library may order them by n.
    """
    n = len(tool_position)
    eye, axes = np.asarray(camera.eye, float), camera.axes
    if not camera.carried:
        return np.broadcast_to(eye, (n, 3)), np.broadcast_to(axes, (n, 3, 3))
    x, y, z = (tool_rotation[:, :, i] for i in range(3))
    turned = x[:, :, None] * axes[0] + y[:, :, None] * axes[1] + z[:, :, None] * axes[2]
    return tool_position + (x * eye[0] + y * eye[1] + z * eye[2]), turned


def project(camera: Camera, eye: Floats, axes: Floats, points: Floats) -> tuple[Floats, Floats]:
    """Image coordinates (n, k, 2) of points (n, k, 3) [m], the image being [-1, 1], and their depth (n, k) [m].

    Behind the camera the coordinates mean nothing, but are finite.
    """
    offset = points - eye[:, None]
    x, y, z = (
        offset[..., 0] * axes[:, None, 0, i]
        + offset[..., 1] * axes[:, None, 1, i]
        + offset[..., 2] * axes[:, None, 2, i]
        for i in range(3)
    )
    scale = camera.slope * np.maximum(np.abs(z), 1e-6)
    return np.stack([x / scale, y / scale], axis=-1), z


def _unit(vector: Floats) -> Floats:
    return vector / np.sqrt((vector * vector).sum())
