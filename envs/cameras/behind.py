"""What stands behind all that moves: a picture taken once an episode, or table and floor before a carried camera."""

from typing import Protocol

import numpy as np

from envs.cameras import shading
from envs.cameras.patches import Bools, Ints, Kind, Patches
from envs.cameras.patterns import EXTENT, SHADES, SIDE, TEXEL, bank
from envs.cameras.shading import Packed
from envs.cameras.sight import Place, Sight
from envs.cameras.surfaces import SURFACES, Affine, Singles, dot
from envs.cameras.tiles import Candidates, Grid, Keys, keys_of, nothing

Words = Packed
"""Images of b simulations: (b, rows of tiles, T, tiles across, words in a row of a tile)."""

MARGIN = 1e-3  # [m] from the table's edge, within which nothing is taken for granted
FARTHEST = 10.0  # [m] depth at which the table may be looked up in its pattern
TABLE, FLOOR = "table", "floor"  # the geoms that a carried camera sees everywhere
_NOTHING = nothing(shading.pack(np.array(shading.BACKDROP)))
_BITS = SIDE.bit_length() - 1


class Behind(Protocol):
    """What one camera sees behind all that moves, in b simulations."""

    open: Bools
    """(b, tiles) where `fill` is not enough, and the tile must be worked out."""

    def fill(self, frames: Words, calm: Bools) -> None:
        """Paint images, at least their `calm` tiles (b, tiles)."""

    def keys(self, row: Ints, tile: Ints) -> Keys:
        """The pixels of tiles, (T, T, slots)."""


class Ground:
    """The table, its pattern, and the floor beyond it."""

    def __init__(
        self, patches: Patches, found: Candidates, camera: int, geoms: tuple[int, int], sight: Sight,
        edge: float, grid: Grid,
    ) -> None:  # fmt: skip
        """Before camera number `camera`; `geoms` are the table's and the floor's."""
        numbers = [patches.number(geom) for geom in geoms]
        table, floor = (np.nonzero((found.camera == camera) & (found.which == one))[0] for one in numbers)
        self._boxes = table, floor
        self._known, self._colours = found.known[Kind.BOX]
        self._grid, self._slopes = grid, grid.slopes(edge)
        self.open = ~covered(found.place[table], edge, grid)
        self._sight = sight
        self._texels = _texels(found.place[table], self._known[6:9, table])
        self._patterned = bool((sight.pattern >= 0).any())
        self._texture = np.maximum(sight.pattern, 0).astype(np.int32) << 2 * _BITS  # where it begins in the bank

    def fill(self, frames: Words, calm: Bools) -> None:
        if self._patterned:
            row, tile = np.nonzero(calm & ~self.open)
            put(frames, row, tile, shading.words(self._top(row, *self._at(tile))[1]))
            return
        colour = self._colours[2, self._boxes[0]]  # of the table's top
        line = shading.words(np.broadcast_to(colour, (self._grid.across * self._grid.tile, len(colour)))).T
        frames.reshape(len(frames), -1, line.shape[1])[:] = line[:, None]

    def keys(self, row: Ints, tile: Ints) -> Keys:
        x, y = self._at(tile)
        near, colour = self._top(row, x, y)
        keys = keys_of(near, colour)
        some = np.nonzero(self.open[row, tile])[0]
        if len(some):
            tops, x, y = keys[:, :, some], x[:, some], y[:, some]
            table, floor = (self._cast(box[row[some]], x, y) for box in self._boxes)
            if self._patterned:
                table = np.where(table >> 32 == tops >> 32, tops, table)  # elsewhere it is a side of the table
            keys[:, :, some] = np.maximum(np.maximum(table, floor), _NOTHING)
        return keys

    def _cast(self, box: Ints, x: Singles, y: Singles) -> Keys:
        return keys_of(*SURFACES[Kind.BOX].cast(self._known[:, box], self._colours[:, box], x, y))

    def _at(self, tile: Ints) -> tuple[Singles, Singles]:
        """Slopes of the pixels of tiles, (T, slots)."""
        return (
            np.take(self._slopes, tile % self._grid.across, axis=1),
            np.take(self._slopes, tile // self._grid.across, axis=1),
        )

    def _top(self, row: Ints, x: Singles, y: Singles) -> tuple[Singles, Packed]:
        """Nearness of the plane of the table's top in pixels (T, T, slots), and its colour there or everywhere."""
        table = self._boxes[0][row]
        product = Affine(np.take(self._texels, row, axis=1).reshape(3, 3, -1), x, y)
        near = product(0)
        if not self._patterned:
            return near, self._colours[2, table]
        depth = np.maximum(near, np.float32(1 / FARTHEST))
        np.divide(1, depth, out=depth)
        across, along = ((product(a) * depth).astype(np.int32) for a in (1, 2))
        # Where the plane goes on beyond the table, any texel will do.
        across &= SIDE - 1
        along &= SIDE - 1
        along <<= _BITS
        along |= across
        along |= self._texture[row]
        shade = np.take(bank(), along) + row * SHADES
        return near, np.take(self._sight.palette.reshape(-1), shade)


def _texels(table: Place, top: Singles) -> Singles:
    """What is affine in the pixel: the top's nearness (3, b), and that times the texel along the table's x and y."""
    known = np.empty((9, len(table.height)), np.float32)
    known[:3] = top
    eye = -dot(table.axes, table.centre[:, None])  # along the table's axes
    for a in range(2):
        known[3 * a + 3 : 3 * a + 6] = (table.axes[:, a] + (eye[a] + EXTENT / 2) * top) / TEXEL
    return known


def covered(table: Place, edge: float, grid: Grid) -> Bools:
    """Whether a tile (b, tiles) shows nothing but the table's top and what stands on it."""
    corners = (2 * np.arange(grid.across + 1) * grid.tile / grid.size - 1) * edge
    eye = -dot(table.axes, table.centre[:, None])[..., None, None]  # (3, b, 1, 1) along the table's axes
    right, down, ahead = (one[..., None, None] for one in table.axes)
    rays = right * corners + down * corners[:, None] + ahead  # (3, b, rows, columns)
    half = (table.size - MARGIN)[..., None, None]
    above = eye[2] - table.size[2, :, None, None]
    near = -rays[2] / np.maximum(above, MARGIN)
    inside = (near > 0) & (above > MARGIN)
    for a in range(2):
        inside &= np.abs(eye[a] * near + rays[a]) <= near * half[a]
    inside = inside[:, 1:] & inside[:, :-1]
    return (inside[..., 1:] & inside[..., :-1]).reshape(len(inside), -1)


def write(keys: Keys, dark: Bools | None = None) -> Words:
    """The colours of tiles (T, T, slots), less bright where `dark`, as words (T, words in a row of a tile, slots)."""
    colours = keys.astype(np.uint32)
    if dark is not None:
        colours = shading.lit(colours, shading.FULL - dark * np.uint32(shading.SHADOW))
    return shading.words(colours)


def put(frames: Words, row: Ints, tile: Ints, words: Words) -> None:
    """Put tiles, words (T, words in a row of a tile, slots), where they belong in images."""
    _, _, lines, across, length = frames.shape
    flat = frames.reshape(-1)
    first = ((row * across + tile // across) * lines * across + tile % across) * length
    for line, word in np.ndindex(lines, length):  # one scatter for each beats one scatter of them all
        flat[(line * across * length + word) :][first] = words[line, word]
