"""Whether a camera really sees a thing: whether nothing hides all of it.

A few points inside the thing are tried, by MuJoCo's rays from the eye towards them. The thing is seen if one of the
points lies inside the image and the thing is the first that its ray meets. A thing of which no more than a rim shows
does not count as seen.
"""

from collections.abc import Sequence

import mujoco
import numpy as np

from envs.cameras import optics
from envs.cameras.patches import Bools, Floats, Ints
from envs.simulation import Simulation

INNER = 0.7  # of the way from the centre to a corner of the box around: inside a cylinder as well
POINTS = INNER * np.array([[0, 0, 0], [1, 1, 1], [-1, -1, 1], [-1, 1, -1], [1, -1, -1]])  # in half extents


def seen(
    simulation: Simulation, cameras: Sequence[optics.Camera], eye: Floats, axes: Floats, ids: Ints, geoms: Ints
) -> Bools:
    """Whether each of C cameras at `eye` (C, n, 3) with `axes` sees `geoms` (n, k) of simulations `ids`, (n, C, k)."""
    row = ids[:, None]
    size = simulation.matter.geom_size[row, geoms]
    cylinder = simulation.matter.geom_type[row, geoms] == mujoco.mjtGeom.mjGEOM_CYLINDER
    half = np.where(cylinder[..., None], size[..., [0, 0, 1]], size)
    reach = simulation.geom_xmat[row, geoms].reshape(*half.shape, 3) * half[..., None, :]  # of the geom's axes
    x, y, z = (POINTS[:, i, None] * reach[:, :, None, :, i] for i in range(3))
    points = (simulation.geom_xpos[row, geoms][:, :, None] + (x + y + z)).reshape(len(ids), -1, 3)  # of all things
    inside = [optics.project(*one, points)[1] for one in zip(cameras, eye, axes, strict=True)]
    eyes = np.repeat(eye.swapaxes(0, 1), points.shape[1], axis=1)  # camera by camera
    _, met = simulation.batch.ray(eyes, np.tile(points, (1, len(cameras), 1)) - eyes, ids=ids)
    first = met.reshape(len(ids), len(cameras), geoms.shape[1], -1) == geoms[:, None, :, None]
    return (first & np.stack(inside, axis=1).reshape(first.shape)).any(axis=-1)
