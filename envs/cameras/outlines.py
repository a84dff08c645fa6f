"""What part of an image a patch can be seen in: bounds that are tight along four directions and never too small.

A plane that holds the eye and one direction of the image, and touches a ball, cuts the image in a line. So a bound is a
slope: the least or greatest x/z, y/z, (x+y)/z or (x-y)/z of whatever is inside.
"""

import numpy as np
from numpy.typing import NDArray

from envs.cameras.patches import Floats

NEAR = 1e-3  # [m] balls that come closer to the plane of the eye than this bound nothing
SLACK = 1e-5  # of a slope: more than single precision errs

_WIDTH = np.array([1.0, 1.0, 2.0, 2.0])[:, None]  # squared length of the four directions


def _along(x: Floats, y: Floats) -> Floats:
    return np.stack([x, y, x + y, x - y])


def outline(points: Floats, radius: Floats, edge: Floats) -> tuple[Floats, Floats]:
    """Least and greatest slope in each direction, (4, V), of hulls of balls: points (3, k, V), radius (V,).

    `edge` (V,) is the slope at the edge of the image. Balls behind the eye touch no such plane; they must lie on the
    inner side of the one found, or else there is no bound.
    """
    along, z = _along(points[0], points[1]), points[2]
    ahead = z - radius > NEAR
    square = np.where(ahead, z * z - radius * radius, 1)
    middle = along * z
    reach = radius * np.sqrt(np.maximum(along * along + _WIDTH[:, None] * square, 0))
    low = np.where(ahead, (middle - reach) / square, np.inf).min(axis=1)
    high = np.where(ahead, (middle + reach) / square, -np.inf).max(axis=1)
    around = np.nonzero(~ahead.all(axis=0))[0]
    if len(around):
        along, z, behind, ball = along[..., around], z[:, around], ~ahead[:, around], radius[around]
        hidden = ~in_view(points[..., around], ball, edge[around])
        for bound, side in ((low, 1), (high, -1)):
            found = np.isfinite(bound[:, around])
            slope = np.where(found, bound[:, around], 0)
            inner = side * (along - slope[:, None] * z) >= (ball * np.sqrt(_WIDTH + slope * slope))[:, None]
            bound[:, around] = np.where(found & (inner | ~behind).all(axis=1), slope, -side * np.inf)
        low[:, around[hidden]] = np.inf
    return low - SLACK, high + SLACK


def in_view(points: Floats, radius: Floats, edge: Floats) -> NDArray[np.bool_]:
    """False where all balls, points (3, k, …) and radius (…), lie behind the eye or beyond one edge of the image."""
    x, y, z = points
    reach, width = radius * np.sqrt(1 + edge * edge), edge * z
    seen = (z + radius > 0).any(axis=0)
    for along in (x, -x, y, -y):
        seen &= (along - width < reach).any(axis=0)
    return seen
