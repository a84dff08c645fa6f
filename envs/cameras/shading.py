"""How much light a matt surface sends back and what colour that makes.

A colour is one 32-bit number, red in the lowest byte: numbers are compared, chosen and stored faster than triples.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Packed = NDArray[np.uint32]

AMBIENT = 0.46
SKY = 0.14  # more on what looks up, less on what looks down
KEY = 0.46
TOWARDS_KEY = np.array([0.42, -0.36, 0.83]) / np.sqrt(0.42**2 + 0.36**2 + 0.83**2)
BACKDROP = (204, 217, 230)  # where a ray meets nothing
FULL = 256  # brightness in whole numbers: a surface of this brightness shows its own colour

RED_BLUE, GREEN = np.uint32(0xFF00FF), np.uint32(0x00FF00)


def brightness(key: Floats, up: Floats) -> Floats:
    """From the cosines between a surface's normal and the directions to the key light and up: a number in [0, FULL]."""
    return np.clip(FULL * (AMBIENT + SKY * up + KEY * np.maximum(key, 0)), 0, FULL)


def pack(colours: NDArray[np.floating]) -> Packed:
    """Colours (..., 3) in [0, 1] as numbers (...)."""
    red, green, blue = np.moveaxis(np.rint(np.clip(colours, 0, 1) * 255).astype(np.uint32), -1, 0)
    return red | green << 8 | blue << 16


def lit(colour: Packed, brightness: Packed) -> Packed:
    """A colour at a whole-number brightness in [0, FULL]."""
    red_blue = (colour & RED_BLUE) * brightness >> 8 & RED_BLUE
    return red_blue | (colour & GREEN) * brightness >> 8 & GREEN
