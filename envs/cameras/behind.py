"""What stands behind all that moves: a picture taken once, or table and floor before a camera that is carried about."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from envs.cameras import shading
from envs.cameras.patches import Ints, Kind, Patches, Place, Sight
from envs.cameras.surfaces import SURFACES, Affine, dot
from envs.cameras.tiles import Candidates, Grid, Keys, candidates, draw, keys_of, nothing

Bools = NDArray[np.bool_]
Words = NDArray[np.uint32]
"""Images of b simulations: (b, rows of tiles, T, tiles across, words in a row of a tile)."""

MARGIN = 1e-3  # [m] from the table's edge, within which nothing is taken for granted
TABLE, FLOOR = "table", "floor"  # the geoms that a carried camera sees everywhere
_NOTHING = nothing(shading.pack(np.array(shading.BACKDROP)))


class Behind(Protocol):
    """What one camera sees behind all that moves, in b simulations."""

    open: Bools
    """(b, tiles) where `fill` is not enough, and the tile must be worked out."""

    def fill(self, frames: Words) -> None:
        """Paint whole images."""

    def keys(self, row: Ints, tile: Ints) -> Keys:
        """The pixels of tiles, (T, T, slots)."""


class Still:
    """Before a camera that is fixed: whatever never moves."""

    def __init__(self, patches: Patches, sight: Sight, static: Bools, edge: float, grid: Grid) -> None:
        """`sight` is of one camera and one simulation, `static` (geoms,) of the model."""
        found = candidates(patches, sight, static[:, None, None], ~static, np.array([edge]), grid)
        self._keys = np.full((grid.tile, grid.tile, grid.tiles), _NOTHING)
        draw(self._keys, found.pairs.row * grid.across + found.pairs.column, found, grid.slopes(edge), grid)
        self._words = write(self._keys).reshape(grid.across, grid.across, grid.tile, -1).swapaxes(1, 2).copy()
        self.open = np.zeros((1, grid.tiles), bool)

    def fill(self, frames: Words) -> None:
        frames[:] = self._words

    def keys(self, row: Ints, tile: Ints) -> Keys:
        return np.take(self._keys, tile, axis=2)


class Ground:
    """Before a camera that is carried: the table, and the floor beyond it."""

    def __init__(self, found: Candidates, table: Ints, floor: Ints, edge: float, grid: Grid) -> None:
        """`table` and `floor` (b,) are those of V before this camera."""
        self._boxes = (table, floor)
        self._known, self._colours = found.known[Kind.BOX]
        self._grid, self._slopes = grid, grid.slopes(edge)
        self.open = ~covered(found.place[table], edge, grid)

    def fill(self, frames: Words) -> None:
        colour = self._colours[2, self._boxes[0]]  # of the table's top
        line = shading.words(np.broadcast_to(colour, (self._grid.across * self._grid.tile, len(colour)))).T
        frames.reshape(len(frames), -1, line.shape[1])[:] = line[:, None]

    def keys(self, row: Ints, tile: Ints) -> Keys:
        x, y = (np.take(self._slopes, k, axis=1) for k in (tile % self._grid.across, tile // self._grid.across))
        table = self._boxes[0][row]
        top = Affine(np.take(self._known[6:9], table, axis=1)[None], x, y)
        keys = keys_of(top(0), self._colours[2, table])
        some = np.nonzero(self.open[row, tile])[0]
        if len(some):
            keys[:, :, some] = _NOTHING
            for box in self._boxes:
                one = box[row[some]]
                seen = SURFACES[Kind.BOX].cast(self._known[:, one], self._colours[:, one], x[:, some], y[:, some])
                keys[:, :, some] = np.maximum(keys[:, :, some], keys_of(*seen))
        return keys


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
    """The colours of tiles (T, T, slots), less bright where `dark`, as words (slots, T, words in a row of a tile)."""
    colours = keys.astype(np.uint32)
    if dark is not None:
        colours = shading.lit(colours, shading.FULL - dark * np.uint32(shading.SHADOW))
    return np.ascontiguousarray(shading.words(colours).transpose(2, 0, 1))
