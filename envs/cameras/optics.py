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


def mounted(camera: Camera, shift: Floats, turn: Floats) -> tuple[Floats, Floats]:
    """Eye (n, 3) [m] and axes (n, 3, 3) of one camera in its mount, n times off its place.

    `shift` (n, 3) [m] and `turn` (n, 3) [rad], a rotation vector, are along the camera's own axes. Sums are written
    out, so that no library may order them by n.
    """
    axes = camera.axes
    eye = np.asarray(camera.eye) + (shift[:, :1] * axes[:, 0] + shift[:, 1:2] * axes[:, 1] + shift[:, 2:] * axes[:, 2])
    x, y, z = turn.T
    square = x * x + y * y + z * z
    angle = np.sqrt(square)
    turned = angle > 0
    once = np.divide(np.sin(angle), angle, out=np.ones_like(angle), where=turned)  # Rodrigues' formula
    twice = np.divide(1 - np.cos(angle), square, out=np.zeros_like(angle), where=turned)
    rotation = np.empty((len(turn), 3, 3))
    for i in range(3):
        a, b, c = turn[:, i], turn[:, i - 2], turn[:, i - 1]  # in the order x, y, z, whichever comes first
        rotation[:, i, i] = 1 - twice * (b * b + c * c)
        rotation[:, i, i - 2] = twice * a * b - once * c
        rotation[:, i, i - 1] = twice * a * c + once * b
    x, y, z = (axes[:, k, None] * rotation[:, None, k] for k in range(3))
    return eye, x + y + z


def carried(eye: Floats, axes: Floats, tool_position: Floats, tool_rotation: Floats) -> tuple[Floats, Floats]:
    """Eye (n, 3) [m] and axes (n, 3, 3) in the world of what is so in the frames of n tools."""
    x, y, z = (tool_rotation[:, :, i] for i in range(3))
    turned = x[:, :, None] * axes[:, None, 0] + y[:, :, None] * axes[:, None, 1] + z[:, :, None] * axes[:, None, 2]
    return tool_position + (x * eye[:, :1] + y * eye[:, 1:2] + z * eye[:, 2:]), turned


def project(camera: Camera, eye: Floats, axes: Floats, points: Floats) -> tuple[Floats, NDArray[np.bool_]]:
    """Image coordinates (n, k, 2) of points (n, k, 3) [m], the image being [-1, 1], and whether they are inside (n, k).

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
    pixel = np.stack([x / scale, y / scale], axis=-1)
    return pixel, (z > 0) & (np.abs(pixel) <= 1).all(axis=-1)


def _unit(vector: Floats) -> Floats:
    return vector / np.sqrt((vector * vector).sum())
