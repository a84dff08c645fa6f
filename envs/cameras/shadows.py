"""The shadows that boxes (hand, fingers, blocks) throw on the table and on the pads that lie on it.

Light comes from afar. So the shadow of a box on a plane is what three strips have in common, and a pixel is in it if
three functions that are affine in the pixel are small there.
"""

import numpy as np
from numpy.typing import NDArray

from envs.cameras import outlines
from envs.cameras.patches import Floats, Ints
from envs.cameras.surfaces import CORNERS, Affine, Singles, dot
from envs.cameras.tiles import Candidates, Grid, Keys, nearness, overlay, pairs_within, slopes_of
from envs.scene import PAD_THICKNESS

LEVEL = 3 * PAD_THICKNESS  # [m] above the table, below which things lie in the shadow


class Shadows:
    """Before cameras, the shadows of S of the candidates, all boxes."""

    def __init__(self, found: Candidates, casters: Ints, edges: Floats, grid: Grid) -> None:
        """`casters` (S,) of V."""
        place = found.place[casters]
        drop = place.key / dot(place.up, place.key)  # against the light, through one metre of height
        height = dot(place.up, place.centre) + place.height  # [m] above the table
        centre = place.centre - drop * height
        reach = place.axes * place.size
        reach = reach - drop[:, None] * dot(place.up[:, None], reach)  # (3, 3, S) half the edges, thrown on the table
        across = np.stack([place.up[i - 2] * reach[i - 1] - place.up[i - 1] * reach[i - 2] for i in range(3)])
        wide = sum(np.abs(dot(across, reach[:, a, None])) for a in range(3))  # (3, S) half the width of the strips
        thrown = (height > 0) & (place.height > 2 * LEVEL)
        self._known = np.empty((16, len(casters)), np.float32)
        strips = across + dot(across, centre[:, None]) / place.height * place.up[:, None]
        self._known[:9].reshape(3, 3, -1)[:] = strips.swapaxes(0, 1)
        self._known[9:12] = -place.up / place.height  # nearness of the table
        self._known[12:15] = np.where(thrown, wide, -1)
        self._known[15] = place.height / np.maximum(place.height - LEVEL, LEVEL)
        self.which, self.camera, self.row = found.which[casters], found.camera[casters], found.row[casters]
        x, y, z = (reach[:, a, None] * CORNERS[a, :, None] for a in range(3))
        edge = edges[self.camera]
        low, high = outlines.outline(centre[:, None] + x + y + z, np.zeros(len(casters)), edge)
        low[:, ~thrown] = np.inf
        self.pairs = pairs_within(grid, low, high, edge)

    def on(self, keys: Keys, slot: Ints, slopes: Singles, grid: Grid) -> NDArray[np.bool_]:
        """Which pixels (T, T, slots) are in the shadow; `slot` and `slopes` as for `tiles.draw`."""
        patch = self.pairs.patch
        x, y = slopes_of(self.pairs, self.camera, slopes, grid)
        known = np.take(self._known, patch, axis=1)
        product = Affine(known[:12].reshape(4, 3, -1), x, y)
        limit = product(3)
        inside = np.ones(limit.shape, bool)
        for a in range(3):
            strip = product(a)
            inside &= np.abs(strip, out=strip) <= limit * known[12 + a]
        limit *= known[15]
        limit *= inside
        limits = np.zeros(keys.shape, np.float32)
        overlay(limits, slot, self.which[patch], limit)
        return nearness(keys) <= limits
