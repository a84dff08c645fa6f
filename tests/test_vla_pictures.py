"""Pictures as PNG: nothing lost, small, and files that any reader opens."""

import io

import numpy as np
import pytest
from PIL import Image

from vla.pictures import decode, encode

RNG = np.random.default_rng(0)
FLAT = np.full((3, 16, 24, 3), (200, 20, 90), np.uint8)
NOISE = RNG.integers(0, 256, (3, 16, 24, 3), np.uint8)
ACROSS = np.broadcast_to(np.arange(0, 240, 10, dtype=np.uint8)[None, None, :, None], (3, 16, 24, 3)) + NOISE[:, :, :1]
DOWN = np.broadcast_to(np.arange(0, 160, 10, dtype=np.uint8)[None, :, None, None], (3, 16, 24, 3)) + NOISE[:, :1]


@pytest.mark.parametrize("pictures", [FLAT, NOISE, ACROSS, DOWN, np.concatenate([NOISE, DOWN, FLAT, ACROSS])])
def test_what_was_encoded_is_decoded(pictures):
    files = encode(pictures)
    assert np.array_equal(decode(files, 16, 24), pictures)


@pytest.mark.parametrize("pictures", [FLAT, NOISE, ACROSS, DOWN])
def test_any_reader_opens_the_files(pictures):
    for file, picture in zip(encode(pictures), pictures, strict=True):
        image = Image.open(io.BytesIO(file))
        image.load()
        assert image.format == "PNG" and np.array_equal(np.asarray(image), picture)


def test_a_gradient_is_small():
    for pictures in (ACROSS, DOWN):
        assert max(map(len, encode(pictures))) < 0.5 * len(encode(NOISE)[0])


def test_a_picture_s_bytes_do_not_depend_on_its_neighbours():
    assert encode(NOISE)[1] == encode(NOISE[1:2])[0]


@pytest.mark.parametrize("damage", [lambda f: f[:60], lambda f: b"GIF89a" + f, lambda f: f[:50] + b"\xff\xff" + f[52:]])
def test_a_damaged_picture_is_refused(damage):
    file = encode(NOISE)[0]
    with pytest.raises(ValueError, match="picture 0"):
        decode([damage(file)], 16, 24)


def test_a_picture_of_another_size_is_refused():
    with pytest.raises(ValueError, match="no PNG file of 24 x 16"):
        decode(encode(NOISE), 24, 16)
