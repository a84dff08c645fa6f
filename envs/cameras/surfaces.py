"""How near a patch of surface is along the ray of each pixel, and what colour it shows there.

Everything is in the camera's axes, where the ray of a pixel is D = (x, y, 1), and nearness is 1 / depth. Written so, the
nearness of a plane and the dot product of D with any vector are affine in the pixel: one addition a pixel. For a convex
shape let the eye be outside some of its planes (or sheets) and inside the others: the ray enters it at the smallest
nearness of the former and leaves at the greatest nearness of the latter; it meets the shape if the first is not the
smaller.

Arrays end in V patches or P (patch, tile) pairs; vectors come first, (3, V); a tile of pixels is (T, T, P), rows first.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from envs.cameras.shading import AMBIENT, FULL, KEY, SKY, Packed, brightness, lit

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]

NEVER = 1e-9  # [1/m] nearness of what is not met
AT_ONCE = 1e9  # [1/m] nearness that never keeps a ray out
THIN = 1e-9  # [m], [m²] keeps the eye off a surface that it happens to touch


@dataclass(frozen=True)
class Place:
    """V patches before their cameras."""

    centre: Floats  # (3, V) [m]
    axes: Floats  # (3, 3, V) component, axis: the geom's axes
    size: Floats  # (3, V) [m] as in MuJoCo's geom_size
    straight: Floats  # (V,) 1 for tubes, 0 for balls
    key: Floats  # (3, V) direction to the key light
    up: Floats  # (3, V) direction up
    colour: Packed  # (V,)


class Surface(Protocol):
    """A kind of patch."""

    def hull(self, place: Place) -> tuple[Floats, Floats]:
        """Points (3, k, V) and a radius (V,): the patch lies in the convex hull of balls around the points."""

    def coefficients(self, place: Place) -> tuple[Singles, Packed]:
        """What `cast` needs to know of each patch, (K, V), and its colours (J, V)."""

    def cast(self, known: Singles, colours: Packed, x: Singles, y: Singles) -> tuple[Singles, Packed]:
        """Nearness, at most NEVER where the ray misses, and colour of the pixels at slopes x and y (T, P), (T, T, P)."""


def dot(a: Floats, b: Floats) -> Floats:
    """Over the first axis, in a fixed order."""
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


def _affine(known: Singles, x: Singles, y: Singles) -> Singles:
    """D · a for vectors a given as three rows of `known`, (T, T, P)."""
    return (known[2] + y * known[1])[:, None] + (x * known[0])[None]


class Box:
    """All six sides of a box."""

    def hull(self, place: Place) -> tuple[Floats, Floats]:
        signs = np.array([[i, j, k] for i in (-1, 1) for j in (-1, 1) for k in (-1, 1)], float)
        reach = place.axes * place.size  # (3, 3, V)
        corners = place.centre[:, None] + sum(signs[:, a, None] * reach[:, a, None] for a in range(3))
        return corners, np.zeros(place.size.shape[1])

    def coefficients(self, place: Place) -> tuple[Singles, Packed]:
        rows: list[Floats] = []
        sides = []
        outside_any = np.zeros(place.size.shape[1], bool)
        enters, leaves = [], []
        for a in range(3):
            axis, half = place.axes[:, a], place.size[a]
            eye = -dot(axis, place.centre)
            axis = np.where(eye < 0, -axis, axis)  # towards the side on which the eye is
            eye = np.abs(eye)
            outside = eye > half
            outside_any |= outside
            gap = np.where(outside, np.minimum(half - eye, -THIN), np.maximum(half - eye, THIN))
            this, other = axis / gap, -axis / (half + eye)
            never_out = np.stack([np.zeros_like(eye), np.zeros_like(eye), np.full_like(eye, AT_ONCE)])
            enters.append(np.where(outside, this, never_out))
            leaves += [other, np.where(outside, other, this)]
            light = brightness(dot(axis, place.key), dot(axis, place.up))
            sides.append(lit(place.colour, light.astype(np.uint32)))
        enters[0] = np.where(outside_any, enters[0], 0.0)  # from inside nothing is seen
        rows = [row for plane in enters + leaves for row in plane]
        return np.stack(rows).astype(np.float32), np.stack(sides)

    def cast(self, known: Singles, colours: Packed, x: Singles, y: Singles) -> tuple[Singles, Packed]:
        first, second, third = (_affine(known[3 * a : 3 * a + 3], x, y) for a in range(3))
        enter = np.minimum(np.minimum(first, second), third)
        leave = _affine(known[9:12], x, y)
        for plane in range(4, 9):
            np.maximum(leave, _affine(known[3 * plane : 3 * plane + 3], x, y), out=leave)
        colour = np.where(enter == first, colours[0], np.where(enter == second, colours[1], colours[2]))
        enter *= enter >= leave
        return enter, colour


class Round:
    """A ball, or the side of a cylinder without its ends: a ball seen along an axis."""

    def hull(self, place: Place) -> tuple[Floats, Floats]:
        reach = place.axes[:, 2] * (place.size[1] * place.straight)
        return np.stack([place.centre - reach, place.centre + reach], axis=1), place.size[0]

    def coefficients(self, place: Place) -> tuple[Singles, Packed]:
        axis = place.axes[:, 2] * place.straight
        along = dot(axis, place.centre)
        centre = place.centre - along * axis
        radius = place.size[0]
        apart = dot(centre, centre) - radius * radius
        scale = np.where(apart > THIN, 1 / np.maximum(apart, THIN), 0.0)  # from inside nothing is seen
        key = place.key - dot(axis, place.key) * axis
        up = place.up - dot(axis, place.up) * axis
        bright_key, bright_up = FULL * KEY / radius, FULL * SKY / radius
        rows = [
            *(centre * scale),
            scale,
            *axis,
            along,
            place.size[1],
            *(key * bright_key),
            -dot(centre, place.key) * bright_key,
            *(up * bright_up),
            -dot(centre, place.up) * bright_up + FULL * AMBIENT,
        ]
        return np.stack(rows).astype(np.float32), place.colour[None]

    def cast(self, known: Singles, colours: Packed, x: Singles, y: Singles) -> tuple[Singles, Packed]:
        # |D - c w|² = r² w² for the nearness w, with D and the centre c across the axis.
        towards = _affine(known[0:3], x, y)
        along = _affine(known[4:7], x, y)
        across = (y * y + np.float32(1))[:, None] + (x * x)[None] - along * along
        root = towards * towards - across * known[3]
        near = towards + np.sqrt(np.maximum(root, 0))
        met = (root > 0) & (np.abs(along - near * known[7]) <= near * known[8])
        np.maximum(near, np.float32(NEVER), out=near)
        depth = 1 / near
        light = np.maximum(_affine(known[9:12], x, y) * depth + known[12], 0)
        light += _affine(known[13:16], x, y) * depth + known[16]
        bright = np.clip(light, 0, FULL).astype(np.uint32)
        return near * met, lit(colours[0], bright)


class Disc:
    """The flat end of a cylinder, seen from either side."""

    def hull(self, place: Place) -> tuple[Floats, Floats]:
        across, along = place.axes[:, 0] * place.size[0], place.axes[:, 1] * place.size[0]
        corners = [place.centre + i * across + j * along for i in (-1, 1) for j in (-1, 1)]
        return np.stack(corners, axis=1), np.zeros(place.size.shape[1])

    def coefficients(self, place: Place) -> tuple[Singles, Packed]:
        axis = place.axes[:, 2]
        away = dot(axis, place.centre)
        side = np.where(away > 0, -1.0, 1.0)  # the normal points back to the eye
        away = np.where(np.abs(away) > THIN, away, THIN)
        light = brightness(side * dot(axis, place.key), side * dot(axis, place.up))
        rows = [*(axis / away), *place.centre, place.size[0] ** 2]
        return np.stack(rows).astype(np.float32), lit(place.colour, light.astype(np.uint32))[None]

    def cast(self, known: Singles, colours: Packed, x: Singles, y: Singles) -> tuple[Singles, Packed]:
        near = _affine(known[0:3], x, y)
        right, down, ahead = x[None] - near * known[3], y[:, None] - near * known[4], 1 - near * known[5]
        near *= right * right + down * down + ahead * ahead <= near * near * known[6]
        return near, np.broadcast_to(colours[0], near.shape)
