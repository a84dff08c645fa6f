"""How near a patch of surface is along the ray of each pixel, and what colour it shows there.

Everything is in the camera's axes, where the ray of a pixel is D = (x, y, 1), and nearness is 1 / depth. So the
nearness of a plane, and the dot product of D with any vector, are affine in the pixel: one addition a pixel. For a
convex shape let the eye be outside some of its planes (or sheets) and inside the others: the ray enters at the least
nearness of the former and leaves at the greatest nearness of the latter; it meets the shape if the first is not the
smaller.

Arrays end in V patches or in P pairs of a patch and a tile; a tile's pixels are (T, T, P), rows first.
"""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from envs.cameras.patches import Floats, Kind
from envs.cameras.shading import AMBIENT, FULL, KEY, SKY, Packed, brightness, lit
from envs.cameras.sight import Place

Singles = NDArray[np.float32]

NEVER = 1e-9  # [1/m] nearness of what is not met, at most
AT_ONCE = 1e9  # [1/m] nearness that keeps no ray out
THIN = 1e-9  # [m], [m²] keeps the eye off a surface that it happens to touch

CORNERS = np.array([[i, j, k] for i in (-1, 1) for j in (-1, 1) for k in (-1, 1)], float).T  # (3, 8)


class Surface(Protocol):
    """A kind of patch."""

    def hull(self, place: Place) -> tuple[Floats, Floats]:
        """Points (3, k, V) and a radius (V,): the patch lies in the convex hull of balls around the points."""

    def coefficients(self, place: Place) -> tuple[Singles, Packed]:
        """What `cast` needs to know of each patch, (K, V), and its colours, (J, V)."""

    def cast(self, known: Singles, colours: Packed, x: Singles, y: Singles) -> tuple[Singles, Packed]:
        """Nearness, at most NEVER where the ray misses, and colour at slopes x and y (T, P): (T, T, P) each."""


def dot(a: Floats, b: Floats) -> Floats:
    """Over the first axis, in a fixed order."""
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


class Affine:
    """D · a for several vectors a, (A, 3, P), at slopes x and y (T, P)."""

    def __init__(self, vectors: Singles, x: Singles, y: Singles) -> None:
        self._across = (x * vectors[:, 0, None])[:, None]
        self._down = (vectors[:, 2, None] + y * vectors[:, 1, None])[:, :, None]

    def __call__(self, a: int, out: Singles | None = None) -> Singles:
        """Of vector number `a`, (T, T, P)."""
        return np.add(self._down[a], self._across[a], out=out)


class Box:
    """The sides of a box."""

    def hull(self, place: Place) -> tuple[Floats, Floats]:
        reach = place.axes * place.size
        x, y, z = (reach[:, a, None] * CORNERS[a, :, None] for a in range(3))
        return place.centre[:, None] + x + y + z, np.zeros(place.straight.shape)

    def coefficients(self, place: Place) -> tuple[Singles, Packed]:
        eye = -dot(place.axes, place.centre[:, None])  # along each axis
        side = np.where(eye < 0, -1.0, 1.0)
        eye, half = np.abs(eye), place.size
        outside = eye > half
        gap = np.where(outside, np.minimum(half - eye, -THIN), np.maximum(half - eye, THIN))
        towards = place.axes * side
        this, other = towards / gap, -towards / (half + eye)  # nearness of the side that the eye is at, and opposite
        known = np.empty((3, 3, *place.centre.shape), np.float32)  # role of a plane, axis of the box, component
        enter, leave, leave_too = known.swapaxes(1, 2)
        enter[:] = np.where(outside, this, 0)
        enter[2] += np.where(outside, 0, AT_ONCE)
        enter[:, 0] *= outside.any(axis=0)  # from inside nothing is seen
        leave[:] = other
        leave_too[:] = np.where(outside, other, this)
        bright = brightness(side * place.axes_key, side * place.axes_up, place.strength)
        return known.reshape(27, -1), lit(place.colour, bright)

    def cast(self, known: Singles, colours: Packed, x: Singles, y: Singles) -> tuple[Singles, Packed]:
        nearness = Affine(known.reshape(9, 3, -1), x, y)
        first, second, third = nearness(0), nearness(1), nearness(2)
        enter = np.minimum(np.minimum(first, second), third, out=third)
        # The side where the ray enters, without branches: those are slow where sides alternate.
        colour = (enter == first) * (colours[0] ^ colours[2])
        colour ^= (enter == second) * (colours[1] ^ colours[2])
        colour ^= colours[2]
        leave = nearness(3, out=first)
        for plane in range(4, 9):
            np.maximum(leave, nearness(plane, out=second), out=leave)
        enter *= enter >= leave
        return enter, colour


class Round:
    """A ball; or the side of a cylinder without its ends, which is a ball seen along an axis."""

    def hull(self, place: Place) -> tuple[Floats, Floats]:
        reach = place.axes[:, 2] * (place.size[1] * place.straight)
        return np.stack([place.centre - reach, place.centre + reach], axis=1), place.size[0]

    def coefficients(self, place: Place) -> tuple[Singles, Packed]:
        axis = place.axes[:, 2] * place.straight
        along = dot(axis, place.centre)
        centre, radius = place.centre - along * axis, place.size[0]
        apart = dot(centre, centre) - radius * radius
        scale = np.where(apart > THIN, 1 / np.maximum(apart, THIN), 0)  # from inside nothing is seen
        key = (place.key - dot(axis, place.key) * axis) * (FULL * KEY * place.strength / radius)
        up = (place.up - dot(axis, place.up) * axis) * (FULL * SKY * place.strength / radius)
        known = np.empty((17, len(radius)), np.float32)
        known[0:3], known[3:6], known[6:9], known[9:12] = centre * scale, axis, key, up
        known[12], known[13], known[14] = scale, along, place.size[1]
        known[15], known[16] = -dot(centre, key), FULL * AMBIENT * place.strength - dot(centre, up)
        return known, place.colour[None]

    def cast(self, known: Singles, colours: Packed, x: Singles, y: Singles) -> tuple[Singles, Packed]:
        # For the nearness w, |D - c w|² = r² w², with D and the centre c taken across the axis.
        product = Affine(known[:12].reshape(4, 3, -1), x, y)
        scale, shift, half, key_there, up_there = known[12:]
        near, along = product(0), product(1)
        across = (y * y + 1)[:, None] + (x * x)[None]
        across -= along * along
        across *= scale
        root = near * near
        root -= across
        met = root > 0
        np.maximum(root, 0, out=root)
        np.sqrt(root, out=root)
        near += root
        np.maximum(near, NEVER, out=near)
        along -= near * shift
        np.abs(along, out=along)
        met &= along <= near * half
        depth = np.divide(1, near, out=along)
        light = product(2, out=root)
        light *= depth
        light += key_there
        np.maximum(light, 0, out=light)
        sky = product(3, out=across)
        sky *= depth
        sky += up_there
        light += sky
        np.maximum(light, 0, out=light)
        np.minimum(light, FULL, out=light)
        near *= met
        return near, lit(colours[0], light.astype(np.uint32))


class Disc:
    """The flat end of a cylinder, seen from either side."""

    def hull(self, place: Place) -> tuple[Floats, Floats]:
        across, along = place.axes[:, 0] * place.size[0], place.axes[:, 1] * place.size[0]
        corners = [place.centre + i * across + j * along for i in (-1, 1) for j in (-1, 1)]
        return np.stack(corners, axis=1), np.zeros(place.straight.shape)

    def coefficients(self, place: Place) -> tuple[Singles, Packed]:
        axis = place.axes[:, 2]
        away = dot(axis, place.centre)
        side = np.where(away > 0, -1.0, 1.0)  # the normal points back to the eye
        known = np.empty((7, len(away)), np.float32)
        known[0:3] = axis / np.where(np.abs(away) > THIN, away, THIN)
        known[3:6] = place.centre
        known[6] = place.size[0] ** 2
        bright = brightness(side * place.axes_key[2], side * place.axes_up[2], place.strength)
        return known, lit(place.colour, bright)[None]

    def cast(self, known: Singles, colours: Packed, x: Singles, y: Singles) -> tuple[Singles, Packed]:
        near = Affine(known[None, 0:3], x, y)(0)
        right, down, ahead = x[None] - near * known[3], y[:, None] - near * known[4], 1 - near * known[5]
        near *= right * right + down * down + ahead * ahead <= near * near * known[6]
        return near, np.broadcast_to(colours[0], near.shape)


SURFACES: dict[Kind, Surface] = {Kind.BOX: Box(), Kind.ROUND: Round(), Kind.DISC: Disc()}
