"""How bright a surface is and what colour that makes, the same for every camera and every path to a pixel."""

import numpy as np
from numpy.typing import NDArray

AMBIENT = 0.46
SKY = 0.14  # more from above than from below
KEY = 0.46
KEY_DIRECTION = np.array([0.42, -0.36, 0.83])  # towards the light
KEY_DIRECTION = KEY_DIRECTION / np.sqrt((KEY_DIRECTION**2).sum())
BACKDROP = (0.80, 0.85, 0.90)  # where a ray meets nothing


def brightness(normals: NDArray[np.float64]) -> NDArray[np.float32]:
    """Light that a matt surface with these normals (..., 3) sends back, as a fraction."""
    x, y, z = (normals[..., i].astype(np.float32) for i in range(3))
    kx, ky, kz = (np.float32(KEY * k) for k in KEY_DIRECTION)
    light = np.maximum(x * kx + y * ky + z * kz, np.float32(0))
    light += z * np.float32(SKY)
    light += np.float32(AMBIENT)
    return light


def to_bytes(colours: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Colours in [0, 1] as bytes."""
    return (np.clip(colours, np.float32(0), np.float32(1)) * np.float32(255) + np.float32(0.5)).astype(np.uint8)
