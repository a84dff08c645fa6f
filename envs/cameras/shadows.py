"""The shadows that hand, fingers and loose things throw on the table and on the pads that lie on it.

Light comes from afar. So the shadow of a box on a plane is what three strips have in common, and a pixel is in it if
three functions that are affine in the pixel are small there. Of a cylinder, seen along the light, each end is an
ellipse; its shadow is what those sweep from one end to the other: exact, no polygon in its place.
"""

import numpy as np
from numpy.typing import NDArray

from envs.cameras import outlines
from envs.cameras.patches import Bools, Floats, Ints, Kind
from envs.cameras.sight import Place
from envs.cameras.surfaces import CORNERS, THIN, Affine, Singles, dot
from envs.cameras.tiles import Candidates, Grid, Keys, nearness, overlay, pairs_within, part, slopes_of
from envs.scene import PAD_THICKNESS

LEVEL = 3 * PAD_THICKNESS  # [m] above the table, below which things lie in the shadow


class Shadows:
    """Before cameras, the shadows of S of the candidates, boxes and then the tubes of cylinders."""

    def __init__(self, found: Candidates, casters: Ints, edges: Floats, grid: Grid) -> None:
        """`casters` (S,) of V, ascending."""
        place = found.place[casters]
        self.which, self.camera, self.row = found.which[casters], found.camera[casters], found.row[casters]
        self._boxes = int(np.searchsorted(casters, found.kinds[Kind.BOX].stop))
        boxes, tubes = slice(0, self._boxes), slice(self._boxes, len(casters))
        half = place.size.copy()
        half[1, tubes], half[2, tubes] = place.size[0, tubes], place.size[1, tubes]
        drop = place.key / dot(place.up, place.key)  # against the light, through one metre of height
        height = dot(place.up, place.centre) + place.height  # [m] above the table
        centre = place.centre - drop * height
        reach = place.axes * half
        reach = reach - drop[:, None] * dot(place.up[:, None], reach)  # (3, 3, S) half the edges, thrown on the table
        self._known = np.empty((16, len(casters)), np.float32)
        self._known[:, boxes] = _under_box(place[boxes], centre[:, boxes], reach[..., boxes])
        self._known[:, tubes] = _under_tube(place[tubes])
        x, y, z = (reach[:, a, None] * CORNERS[a, :, None] for a in range(3))
        edge = edges[self.camera]
        low, high = outlines.outline(centre[:, None] + x + y + z, np.zeros(len(casters)), edge)
        low[:, (height <= 0) | (place.height <= 2 * LEVEL)] = np.inf
        self.pairs = pairs_within(grid, low, high, edge)

    def on(self, keys: Keys, slot: Ints, slopes: Singles, grid: Grid) -> NDArray[np.bool_]:
        """Which pixels (T, T, slots) are in the shadow; `slot` and `slopes` as for `tiles.draw`."""
        patch = self.pairs.patch
        x, y = slopes_of(self.pairs, self.camera, slopes, grid)
        limits = np.zeros(keys.shape, np.float32)
        for first, end, inside in ((0, self._boxes, _in_strips), (self._boxes, len(self.which), _in_sweep)):
            some = part(patch, first, end)
            if some is None:
                continue
            known = np.take(self._known, patch[some], axis=1)
            product = Affine(known[:12].reshape(4, 3, -1), x[:, some], y[:, some])
            near = product(3)  # of the table
            limit = known[15] * near
            limit *= inside(product, near, known)
            overlay(limits, slot[some], self.which[patch[some]], limit)
        return nearness(keys) <= limits


def _table(place: Place) -> tuple[Floats, Floats]:
    """Nearness of the table (3, S), and the factor (S,) to that of what is `LEVEL` above it."""
    return -place.up / place.height, place.height / np.maximum(place.height - LEVEL, LEVEL)


def _under_box(place: Place, centre: Floats, reach: Floats) -> Singles:
    """Strips, table, half the width of the strips, factor: (16, S)."""
    known = np.empty((16, len(place.height)), np.float32)
    across = np.stack([place.up[i - 2] * reach[i - 1] - place.up[i - 1] * reach[i - 2] for i in range(3)])
    strips = across + dot(across, centre[:, None]) / place.height * place.up[:, None]
    known[:9].reshape(3, 3, -1)[:] = strips.swapaxes(0, 1)
    known[9:12], known[15] = _table(place)
    known[12:15] = sum(np.abs(dot(across, reach[:, a, None])) for a in range(3))
    return known


def _in_strips(product: Affine, near: Singles, known: Singles) -> Bools:
    inside = np.ones(near.shape, bool)
    for a in range(3):
        strip = product(a)
        inside &= np.abs(strip, out=strip) <= near * known[12 + a]
    return inside


def _under_tube(place: Place) -> Singles:
    """Across the axis and along it, as seen from the light; nothing; table; half length and ends, factor: (16, S).

    Across is measured in radii of the cylinder, along it in metres.
    """
    known = np.zeros((16, len(place.height)), np.float32)
    axis, light, (radius, length) = place.axes[:, 2], place.key, place.size[:2]
    across = np.stack([axis[i - 2] * light[i - 1] - axis[i - 1] * light[i - 2] for i in range(3)])
    slant = np.sqrt(dot(across, across))  # sine of the angle between axis and light
    level = slant < THIN  # the light shines along the axis, then any direction across will do
    across = np.where(level, place.axes[:, 0], across / np.maximum(slant, THIN))
    along = np.stack([light[i - 2] * across[i - 1] - light[i - 1] * across[i - 2] for i in range(3)])
    for a, vector in enumerate((across / radius, along)):
        known[3 * a : 3 * a + 3] = vector + dot(vector, place.centre) / place.height * place.up
    known[9:12], known[15] = _table(place)
    known[12] = length * slant
    known[13] = radius * np.abs(dot(axis, light))
    return known


def _in_sweep(product: Affine, near: Singles, known: Singles) -> Bools:
    across, along = product(0), product(1)
    across *= across
    square = near * near
    square -= across
    inside = (square >= 0) & (near > 0)
    np.maximum(square, 0, out=square)
    np.sqrt(square, out=square)
    square *= known[13]
    square += near * known[12]
    inside &= np.abs(along, out=along) <= square
    return inside
