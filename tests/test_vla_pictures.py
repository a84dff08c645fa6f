"""Pictures as PNG: nothing lost, small, and files that any reader opens."""

import io

import numpy as np
import pytest
from PIL import Image

from vla.pictures import decode, encode

FLAT = np.full((3, 16, 24, 3), (200, 20, 90), np.uint8)
NOISE = np.random.default_rng(0).integers(0, 256, (3, 16, 24, 3), np.uint8)


@pytest.mark.parametrize("pictures", [FLAT, NOISE, np.concatenate([NOISE, FLAT]), NOISE[:, :, ::2]])
def test_what_was_encoded_is_decoded(pictures):
    assert np.array_equal(decode(encode(pictures), *pictures.shape[1:3]), pictures)


@pytest.mark.parametrize("pictures", [FLAT, NOISE])
def test_any_reader_opens_the_files(pictures):
    for file, picture in zip(encode(pictures), pictures, strict=True):
        image = Image.open(io.BytesIO(file))
        image.load()
        assert image.format == "PNG" and np.array_equal(np.asarray(image), picture)


def test_frames_are_smaller_than_pillow_makes_them(demonstrations):
    for frames in demonstrations.values():
        own, others = encode(frames.pixels[:, 0]), [io.BytesIO() for _ in frames.pixels]
        for picture, other in zip(frames.pixels[:, 0], others, strict=True):
            Image.fromarray(picture).save(other, "png")
        assert sum(map(len, own)) < sum(len(other.getvalue()) for other in others)


def test_a_picture_s_bytes_do_not_depend_on_its_neighbours():
    assert encode(NOISE)[1] == encode(NOISE[1:2])[0]


@pytest.mark.parametrize("damage", [lambda f: f[:60], lambda f: b"GIF89a" + f, lambda f: f[:50] + b"\xff\xff" + f[52:]])
def test_a_damaged_picture_is_refused(damage):
    with pytest.raises(ValueError, match="picture 0"):
        decode([damage(encode(NOISE)[0])], 16, 24)


def test_a_picture_of_another_size_or_writer_is_refused():
    with pytest.raises(ValueError, match="no PNG file of 24 x 16"):
        decode(encode(NOISE), 24, 16)
    foreign = io.BytesIO()
    Image.fromarray(FLAT[0]).save(foreign, "png")
    with pytest.raises(ValueError, match="was not written here"):
        decode([foreign.getvalue()], 16, 24)
