"""How much light a matt surface sends back, and what colour that makes.

A colour is one 32-bit number, red in the lowest byte: numbers are chosen, compared and stored faster than triples.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Packed = NDArray[np.uint32]

AMBIENT = 0.50
SKY = 0.12  # more on what looks up, less on what looks down
KEY = 0.42
BACKDROP = (0.80, 0.85, 0.90)  # where a ray meets nothing
SHADOW = 72  # of FULL, by which a shadow is darker
FULL = 256  # brightness in whole numbers: a surface as bright as this shows its own colour

_RED_BLUE, _GREEN = np.uint32(0xFF00FF), np.uint32(0x00FF00)


def brightness(key: Floats, up: Floats, strength: Floats | float = 1.0) -> Packed:
    """From the cosines between a surface's normal and the directions to the key light and up: 0 to FULL.

    `strength` is a factor on all light: what does not come straight from the lamp has been sent back by the room.
    """
    light = FULL * (AMBIENT + SKY * up + KEY * np.maximum(key, 0)) * strength
    return np.clip(light, 0, FULL).astype(np.uint32)


def pack(colours: NDArray[np.floating]) -> Packed:
    """Colours (..., 3) in [0, 1] as numbers (...)."""
    red, green, blue = np.moveaxis(np.rint(np.clip(colours, 0, 1) * 255).astype(np.uint32), -1, 0)
    return red | green << 8 | blue << 16


def lit(colour: Packed, brightness: Packed) -> Packed:
    """A colour at a brightness from 0 to FULL."""
    red_blue = (colour & _RED_BLUE) * brightness
    red_blue >>= 8
    red_blue &= _RED_BLUE
    green = (colour & _GREEN) * brightness
    green >>= 8
    green &= _GREEN
    red_blue |= green
    return red_blue


def words(colours: Packed) -> Packed:
    """Pixels (..., 4 k, slots) of 24 bits as the words (..., 3 k, slots) of an image of bytes, red first."""
    a, b, c, d = (colours[..., i::4, :] for i in range(4))
    out = np.empty((*colours.shape[:-2], 3 * a.shape[-2], colours.shape[-1]), np.uint32)
    out[..., 0::3, :] = a | b << 24
    out[..., 1::3, :] = b >> 8 | c << 16
    out[..., 2::3, :] = c >> 16 | d << 8
    return out
