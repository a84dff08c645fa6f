"""One picture of b simulations from every camera: what may be seen where, how near it is there, and what is nearest."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from envs.cameras.patches import Ints, Patches, Sight, place
from envs.cameras.surfaces import Floats, Place, Singles, Surface
from envs.cameras.tiles import Grid, Keys, keys_of, outline, pairs_within, in_view
from envs.cameras.shading import Packed

Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Candidates:
    """V patches that may be seen, and P pairs of one and a tile that it may be seen in."""

    surface: Surface
    place: Place
    camera: Ints  # (V,)
    image: Ints  # (V,) row * C + camera
    which: Ints  # (V,) number of the patch
    patch: Ints  # (P,) row of the above
    tile: Ints  # (P,) row-major tile of all images
