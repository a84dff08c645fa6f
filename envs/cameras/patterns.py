"""What the table's top can be covered with: a bank of small textures of brightness, in the table's own axes.

Only sums, products, quotients and roots of floats go into them, which any processor rounds alike. Nothing is finer
than a pixel of a small image is on the table, and nothing has the size of a pad.
"""

from collections.abc import Callable
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from envs.cameras.patches import Floats
from envs.looks import PATTERNS

Texture = NDArray[np.uint8]

SHADES = 256  # of brightness
SIDE = 512  # texels along an edge, a power of two
TEXEL = 0.0025  # [m]
EXTENT = SIDE * TEXEL  # [m] wider than the table; its middle is the table's


@lru_cache(maxsize=1)
def bank() -> NDArray[np.uint8]:
    """All textures, one after another, row by row; made when the first is needed."""
    return np.concatenate([texture(pattern).ravel() for pattern in range(PATTERNS)])


def texture(pattern: int) -> Texture:
    """Brightness below SHADES, (SIDE, SIDE): rows along the table's y, columns along its x."""
    middles: Floats = (np.arange(SIDE, dtype=float) + 0.5) * TEXEL - EXTENT / 2
    value = PATTERN[pattern](middles[None, :], middles[:, None], np.random.default_rng([SIDE, pattern]))
    value = np.broadcast_to(value, (SIDE, SIDE))
    low, high = value.min(), value.max()
    return np.rint((value - low) * ((SHADES - 1) / (high - low))).astype(np.uint8)


Pattern = Callable[[Floats, Floats, np.random.Generator], Floats]
"""Brightness at x (1, n) and y (n, 1) [m] of the table, in any range."""


def _smooth(t: Floats) -> Floats:
    """From 0 to 1 in [0, 1], level at both ends."""
    t = np.minimum(np.maximum(t, 0), 1)
    return t * t * (3 - 2 * t)


def _wave(t: Floats, sharp: float = 1.0) -> Floats:
    """Of period 1, between 0 and 1; the sharper the longer it stays there."""
    return _smooth(0.5 + sharp * (0.5 - np.abs(2 * (t - np.floor(t)) - 1)))


def _noise(x: Floats, y: Floats, rng: np.random.Generator, cell_x: float, cell_y: float, octaves: int = 1) -> Floats:
    """Random heights in cells [m], smooth between; each further octave is half as wide and half as high.

    One of x and y is a row, (1, n), the other a column.
    """
    total: Floats = np.zeros((y.size, x.size))
    for octave in range(octaves):
        fine = 2**octave
        u, v = x.ravel() / cell_x * fine, y.ravel() / cell_y * fine
        i, j = np.floor(u), np.floor(v)
        a, b = _smooth(u - i), _smooth(v - j)[:, None]
        i, j = (i - i.min()).astype(int), (j - j.min()).astype(int)
        heights = rng.random((j.max() + 2, i.max() + 2))
        lines = heights[:, i] * (1 - a) + heights[:, i + 1] * a
        total += (lines[j] * (1 - b) + lines[j + 1] * b) / fine
    return total if len(x) == 1 else total.T


def stripes(right: float, up: float, width: float, sharp: float = 3.0) -> Pattern:
    """Across the direction (right, up), `width` [m] from one to the next."""
    scale = width * np.sqrt(right * right + up * up)
    return lambda x, y, rng: _wave((right * x + up * y) / scale, sharp)


def checks(width: float, slanted: bool = False) -> Pattern:
    """A board of squares `width` [m] wide."""

    def draw(x: Floats, y: Floats, rng: np.random.Generator) -> Floats:
        if slanted:
            x, y = (x + y) * np.sqrt(0.5), (x - y) * np.sqrt(0.5)
        a, b = _wave(x / (2 * width), 6), _wave(y / (2 * width), 6)
        return a * b + (1 - a) * (1 - b)

    return draw


def rings(x0: float, y0: float, width: float) -> Pattern:
    """Around a point [m]."""

    def draw(x: Floats, y: Floats, rng: np.random.Generator) -> Floats:
        return _wave(np.sqrt((x - x0) * (x - x0) + (y - y0) * (y - y0)) / width, 2)

    return draw


def clouds(cell: float, octaves: int) -> Pattern:
    """Smooth noise."""
    return lambda x, y, rng: _noise(x, y, rng, cell, cell, octaves)


def grain(width: float, bend: float, along_x: bool) -> Pattern:
    """Wood: lines `width` [m] apart that wander by `bend` [m], lighter and darker along their length."""

    def draw(x: Floats, y: Floats, rng: np.random.Generator) -> Floats:
        a, b = (x, y) if along_x else (y, x)
        wander = bend * _noise(a, b, rng, 0.35, 0.12, 2)
        fine = _noise(a, b, rng, 0.30, 0.018)
        return _wave((b + wander) / width) + 0.7 * fine + 0.5 * _noise(a, b, rng, 0.5, 0.2)

    return draw


def planks(width: float, along_x: bool) -> Pattern:
    """Boards side by side, each of its own shade, with grain and dark joints."""

    def draw(x: Floats, y: Floats, rng: np.random.Generator) -> Floats:
        a, b = (x, y) if along_x else (y, x)
        number = np.floor(b / width)
        shade = rng.random(int(number.max() - number.min()) + 1)[(number - number.min()).astype(int)]
        joint = _smooth(np.abs(2 * (b / width - number) - 1) * 6 - 5)
        return shade + 0.5 * _noise(a, b, rng, 0.25, 0.02) - 0.9 * joint

    return draw


def marble(width: float, slope: float) -> Pattern:
    """Veins that wander far."""

    def draw(x: Floats, y: Floats, rng: np.random.Generator) -> Floats:
        vein = _wave((x + slope * y + 0.5 * _noise(x, y, rng, 0.25, 0.25, 3)) / width)
        return np.sqrt(vein) + 0.4 * _noise(x, y, rng, 0.15, 0.15)

    return draw


def dots(apart: float, radius: float) -> Pattern:
    """Every other row shifted by half."""

    def draw(x: Floats, y: Floats, rng: np.random.Generator) -> Floats:
        row = np.floor(y / apart)
        u = x / apart + 0.5 * (row - 2 * np.floor(row / 2))
        u, v = u - np.floor(u) - 0.5, y / apart - row - 0.5
        return _smooth((radius / apart - np.sqrt(u * u + v * v)) * 12 + 0.5)

    return draw


def bricks(length: float, width: float) -> Pattern:
    """Tiles in bond, each of its own shade, with light joints."""

    def draw(x: Floats, y: Floats, rng: np.random.Generator) -> Floats:
        row = np.floor(x / width)
        v = y / length + 0.5 * (row - 2 * np.floor(row / 2))
        shades = rng.random((64, 64))
        shade = shades[row.astype(int) % 64, np.floor(v).astype(int) % 64]
        edge = np.minimum((0.5 - np.abs(x / width - row - 0.5)) * width, (0.5 - np.abs(v - np.floor(v) - 0.5)) * length)
        return 0.8 * shade + 0.7 * (1 - _smooth(edge / 0.008))

    return draw


PATTERN: tuple[Pattern, ...] = (
    stripes(1, 0, 0.06), stripes(0, 1, 0.06), stripes(1, 1, 0.08), stripes(1, -2, 0.05),
    stripes(1, 0, 0.16, 8), stripes(0, 1, 0.22, 8), stripes(2, -1, 0.13, 1), stripes(2, 1, 0.30, 1),
    checks(0.04), checks(0.055, slanted=True), checks(0.20), checks(0.17, slanted=True),
    rings(0.15, 0.0, 0.07), rings(-0.1, 0.3, 0.12), rings(0.6, -0.5, 0.18),
    clouds(0.06, 1), clouds(0.12, 2), clouds(0.25, 3), clouds(0.5, 1),
    grain(0.05, 0.10, along_x=True), grain(0.05, 0.10, along_x=False), grain(0.08, 0.25, along_x=False),
    grain(0.07, 0.05, along_x=True),
    planks(0.09, along_x=False), planks(0.14, along_x=True), planks(0.20, along_x=False),
    marble(0.20, 0.5), marble(0.35, -0.8),
    dots(0.07, 0.02), dots(0.12, 0.03),
    bricks(0.16, 0.08), bricks(0.24, 0.24),
)  # fmt: skip
