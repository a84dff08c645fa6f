"""Images cut into small squares of pixels: which patches may be seen in which, and what is nearest in each pixel."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from envs.cameras import outlines
from envs.cameras.patches import Bools, Floats, Ints, Kind, Patches
from envs.cameras.shading import Packed
from envs.cameras.sight import Place, Sight, place
from envs.cameras.surfaces import NEVER, SURFACES, Singles

Keys = NDArray[np.uint64]
"""Nearness above, colour below: the greatest of several keys is the nearest surface, in whatever order they come."""


@dataclass(frozen=True)
class Grid:
    """An image of `size` pixels as tiles of `tile` pixels, across and down; the last ones may stick out."""

    size: int
    tile: int

    @property
    def across(self) -> int:
        """Tiles."""
        return -(-self.size // self.tile)

    @property
    def tiles(self) -> int:
        return self.across**2

    def slopes(self, edge: float) -> Singles:
        """x of the rays through the pixels of each column of tiles, (tile, across); y of the rows is the same."""
        pixels = np.arange(self.across * self.tile)
        return (((2 * pixels + 1) / self.size - 1) * edge).astype(np.float32).reshape(self.across, self.tile).T.copy()


@dataclass(frozen=True)
class Pairs:
    """P pairs of a patch and a tile that it may be seen in, in the order of the patches."""

    patch: Ints  # (P,) of V
    column: Ints  # (P,)
    row: Ints  # (P,)


def pairs_within(grid: Grid, low: Floats, high: Floats, edge: Floats) -> Pairs:
    """The tiles with pixels inside outlines (4, V), in images whose edges are at the slopes `edge` (V,)."""
    # From slopes to pixels, and to sums and differences of columns and rows.
    half, beyond, spare = grid.size / 2, 4.0 * grid.size, grid.tile - 1
    middle = np.array([[half - 0.5], [half - 0.5], [grid.size - 1.0], [0.0]])
    unit = half / edge
    first = np.ceil(np.maximum(np.minimum(low * unit + middle, beyond), -beyond))
    last = np.floor(np.maximum(np.minimum(high * unit + middle, beyond), -beyond))
    inside = ((first[:2] <= last[:2]) & (first[:2] < grid.size) & (last[:2] >= 0)).all(axis=0)
    # From pixels to tiles: the outermost pixels of tile k are k T and k T + T - 1.
    first -= np.array([[spare], [spare], [2 * spare], [spare]])
    last[3] += spare
    first, last = np.ceil(first / grid.tile).astype(np.int64), np.floor(last / grid.tile).astype(np.int64)
    np.maximum(first[:2], 0, out=first[:2])
    np.minimum(last[:2], grid.across - 1, out=last[:2])
    # Row by row of tiles, then tile by tile.
    patch, row = _runs(first[1], np.where(inside, last[1], -1))
    left = np.maximum(np.maximum(first[0, patch], first[2, patch] - row), first[3, patch] + row)
    right = np.minimum(np.minimum(last[0, patch], last[2, patch] - row), last[3, patch] + row)
    run, column = _runs(left, right)
    return Pairs(patch[run], column, row[run])


def _runs(first: Ints, last: Ints) -> tuple[Ints, Ints]:
    """The numbers from `first` to `last` of every run, one run after another: which run, and the number."""
    counts = np.maximum(last - first + 1, 0)
    run = np.repeat(np.arange(len(counts)), counts)
    return run, np.arange(len(run)) + (first - np.cumsum(counts) + counts)[run]


@dataclass(frozen=True)
class Candidates:
    """V patches before cameras, in the order of their numbers, and the tiles that they may be seen in."""

    which: Ints  # (V,) number of the patch
    camera: Ints  # (V,)
    row: Ints  # (V,) simulation
    place: Place
    known: dict[Kind, tuple[Singles, Packed]]  # what `Surface.cast` needs, of the patches of each kind
    kinds: dict[Kind, slice]  # of V
    pairs: Pairs


def candidates(patches: Patches, sight: Sight, seen: Bools, everywhere: Bools, edges: Floats, grid: Grid) -> Candidates:
    """The patches of the geoms that may be `seen` (geoms, C, b), and where.

    Those that are seen `everywhere` (geoms,) are placed, but paired with no tile. `edges` (C,) are the slopes at the
    edges of the cameras' images.
    """
    which, camera, row = patches.drawn(seen, sight.form)
    placed = place(patches, sight, which, camera, row)
    kinds = {kind: some for kind in Kind if (some := part(patches.kind[which], kind, kind + 1))}
    edge = edges[camera]
    low, high = np.empty((2, 4, len(which)))
    known = {}
    for kind, some in kinds.items():
        surface, own = SURFACES[kind], placed[some]
        low[:, some], high[:, some] = outlines.outline(*surface.hull(own), edge[some])
        known[kind] = surface.coefficients(own)
    low[:, everywhere[patches.geom[which]]] = np.inf
    return Candidates(which, camera, row, placed, known, kinds, pairs_within(grid, low, high, edge))


def part(ascending: Ints, first: int, end: int) -> slice | None:
    """Where the numbers from `first` to before `end` stand, if there are any."""
    start, stop = np.searchsorted(ascending, (first, end))
    return slice(start, stop) if start < stop else None


def draw(keys: Keys, slot: Ints, found: Candidates, slopes: Singles, grid: Grid) -> None:
    """Put candidates in front of `keys` (T, T, slots) wherever they are nearer; `slot` (P,) is where each pair belongs.

    `slopes` (T, C * tiles across) are those of the pixels of all cameras, as from `Grid.slopes`.
    """
    pairs = found.pairs
    x, y = slopes_of(pairs, found.camera, slopes, grid)
    for kind, own in found.kinds.items():
        some = part(pairs.patch, own.start, own.stop)
        if some is None:
            continue
        patch, (known, colours) = pairs.patch[some] - own.start, found.known[kind]
        known, colours = np.take(known, patch, axis=1), np.take(colours, patch, axis=1)
        seen = SURFACES[kind].cast(known, colours, x[:, some], y[:, some])
        overlay(keys, slot[some], found.which[pairs.patch[some]], keys_of(*seen))


def slopes_of(pairs: Pairs, camera: Ints, slopes: Singles, grid: Grid) -> tuple[Singles, Singles]:
    """x and y of the pixels of every pair, (T, P), where `camera` (V,) is that of each patch."""
    shift = camera[pairs.patch] * grid.across
    return np.take(slopes, shift + pairs.column, axis=1), np.take(slopes, shift + pairs.row, axis=1)


def overlay(target: NDArray, slot: Ints, which: Ints, fresh: NDArray) -> None:
    """Raise `target` (T, T, slots) to `fresh` (T, T, P) in each pair's `slot` (P,); `which` (P,) ascends.

    A patch is paired with a tile once. So the pairs of one patch, in all simulations, are put at once.
    """
    changes = np.flatnonzero(which[1:] != which[:-1]) + 1
    for a, b in pairwise((0, *changes.tolist(), len(which))):
        place = slot[a:b]
        target[:, :, place] = np.maximum(np.take(target, place, axis=2), fresh[:, :, a:b])


def keys_of(near: Singles, colour: Packed) -> Keys:
    """Nearness below zero counts as zero."""
    keys = np.empty(near.shape, np.uint64)
    np.maximum(near, 0, out=near)
    keys[...] = near.view(np.uint32)
    keys <<= np.uint64(32)
    keys |= colour
    return keys


def nearness(keys: Keys) -> Singles:
    return (keys >> np.uint64(32)).astype(np.uint32).view(np.float32)


def nothing(colour: Packed) -> Keys:
    """The key of what is nearer than a miss and farther than all else."""
    return keys_of(np.full(np.shape(colour), 2 * NEVER, np.float32), colour)
