"""Which patches may be seen in which small squares of an image, and what is nearest in each.

Only these pairs of patch and tile are worked out pixel by pixel. Bounds are tight along four directions of the image
(across, down, both diagonals) and never too small, so that leaving out the other pairs changes no pixel.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from envs.cameras.shading import Packed
from envs.cameras.surfaces import NEVER, Floats, Singles

Ints = NDArray[np.int64]
Keys = NDArray[np.uint64]
"""Nearness in the high half, colour in the low half: the greatest key is the nearest surface."""

SLACK = 1e-5  # of a slope: more than single precision can err
NEAR = 1e-3  # [m] what reaches closer to the eye's plane than this is not bounded by its outline


@dataclass(frozen=True)
class Grid:
    """How an image of `size` pixels is cut into tiles; the last row and column of tiles may stick out."""

    size: int
    tile: int

    @property
    def across(self) -> int:
        return -(-self.size // self.tile)

    @property
    def tiles(self) -> int:
        return self.across**2

    def slopes(self, slope: float) -> Singles:
        """x / z of the rays through the pixels of each tile, (tile, across); y / z is the same."""
        pixels = np.arange(self.across * self.tile)
        return (((2 * pixels + 1) / self.size - 1) * slope).astype(np.float32).reshape(self.across, self.tile).T.copy()


@dataclass(frozen=True)
class Pairs:
    """P pairs of a patch and a tile that it may be seen in."""

    patch: Ints
    column: Ints
    row: Ints


def outline(points: Floats, radius: Floats) -> tuple[Floats, Floats]:
    """Least and greatest x/z, y/z, (x+y)/z and (x-y)/z, (4, V), of the hulls of balls, points (3, k, V), radius (V,).

    From the two planes that hold the eye and one direction of the image and touch a ball. Infinite where a ball reaches
    the plane of the eye.
    """
    x, y, z = points
    around = radius * radius
    square = np.maximum(z * z - around, NEAR * NEAR)
    low, high = np.empty((2, 4, len(radius)))
    for a, (across, wide) in enumerate(((x, 1.0), (y, 1.0), (x + y, 2.0), (x - y, 2.0))):
        # A diagonal is sqrt(2) times a distance, and so must the radius be.
        root = np.sqrt(wide * around * np.maximum(across * across / wide + z * z - around, 0))
        low[a] = ((across * z - root) / square).min(axis=0)
        high[a] = ((across * z + root) / square).max(axis=0)
    unbounded = (z - radius).min(axis=0) < NEAR
    return np.where(unbounded, -np.inf, low - SLACK), np.where(unbounded, np.inf, high + SLACK)


def in_view(points: Floats, radius: Floats, slope: Floats) -> NDArray[np.bool_]:
    """False where balls (3, k, V) lie all on the outer side of one side of the pyramid of view, (V,)."""
    x, y, z = points
    reach = radius * np.sqrt(1 + slope * slope)
    seen = ((z + radius) > 0).any(axis=0)
    for across in (x, -x, y, -y):
        seen &= (across - slope * z < reach).any(axis=0)
    return seen


def pairs_within(grid: Grid, low: Floats, high: Floats, slope: Floats) -> Pairs:
    """The tiles that outlines (4, V) touch, in images whose edge is at `slope` (V,)."""
    first = np.ceil(((np.maximum(low[:2], -2 * slope) / slope + 1) * grid.size - 1) / 2)
    last = np.floor(((np.minimum(high[:2], 2 * slope) / slope + 1) * grid.size - 1) / 2)
    empty = ((first > last) | (first > grid.size - 1) | (last < 0)).any(axis=0)
    first_tile = np.maximum(first, 0).astype(np.int64) // grid.tile
    last_tile = np.minimum(last, grid.size - 1).astype(np.int64) // grid.tile
    columns, rows = np.where(empty, 0, last_tile - first_tile + 1)
    counts = columns * rows
    patch = np.repeat(np.arange(len(counts)), counts)
    place = np.arange(len(patch)) - np.repeat(np.cumsum(counts) - counts, counts)
    down = place // columns[patch]
    column, row = first_tile[0, patch] + place - down * columns[patch], first_tile[1, patch] + down
    # Along the diagonals: slopes at the middle of the tile, and how far its outer pixels are from there.
    unit = slope[patch] / grid.size
    middle_x, middle_y = ((2 * k + 1) * grid.tile * unit - slope[patch] for k in (column, row))
    reach = 2 * (grid.tile - 1) * unit
    both, difference = middle_x + middle_y, middle_x - middle_y
    kept = (both + reach >= low[2, patch]) & (both - reach <= high[2, patch])
    kept &= (difference + reach >= low[3, patch]) & (difference - reach <= high[3, patch])
    return Pairs(patch[kept], column[kept], row[kept])


def keys_of(near: Singles, colour: Packed) -> Keys:
    """Nearness at or below zero counts as zero."""
    keys = np.maximum(near, np.float32(0)).view(np.uint32).astype(np.uint64)
    keys <<= np.uint64(32)
    keys |= colour
    return keys


def key_of_nothing(colour: Packed) -> Keys:
    """Nearer than a miss, farther than anything met."""
    return keys_of(np.full(np.shape(colour), 2 * NEVER, np.float32), colour)
