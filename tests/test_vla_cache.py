"""The frame cache: made once, trusted while nothing changed, made again when it is damaged; the dataset never is."""

import os
import shutil
import time
import warnings
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from envs import UserError
from vla import cache
from vla.datasets import load

DATA = "data/chunk-000/file-000.parquet"
FILES = [DATA, "meta/info.json", "meta/tasks.parquet", "meta/episodes/chunk-000/file-000.parquet"]


@pytest.mark.parametrize("cached", [True, False])
@pytest.mark.parametrize("damage", ["flip", "cut", "remove"])
@pytest.mark.parametrize("name", FILES)
def test_a_damaged_file_is_refused_whether_or_not_its_frames_are_cached(dataset, name, damage, cached):
    if cached:
        load(dataset)
    path = dataset / name
    content = bytearray(path.read_bytes())
    if damage == "remove":
        path.unlink()
    else:
        content[len(content) // 2] ^= 1
        path.write_bytes(content if damage == "flip" else content[:-7])
    for _ in range(2):
        with pytest.raises(UserError, match=r"is damaged: .*; remove it and generate it again"):
            load(dataset)


def test_a_dataset_is_decoded_once(dataset, monkeypatch):
    first = load(dataset)
    monkeypatch.setattr(cache, "_make", lambda *_: pytest.fail("decoded again"))
    assert np.array_equal(load(dataset).pixels, first.pixels)


@pytest.mark.parametrize("column", ["pixels", "actions", "plan_step"])
@pytest.mark.parametrize("damage", ["flip", "cut", "remove", "foreign"])
def test_a_damaged_cache_is_told_and_made_again(dataset, column, damage):
    whole = load(dataset)
    pixels, path = whole.pixels.copy(), dataset.with_name("data.cache") / f"{column}.npy"
    content = bytearray(path.read_bytes())
    if damage == "remove":
        path.unlink()
    elif damage == "foreign":
        shutil.copy(path.with_name("position.npy"), path)
    else:
        content[-1] ^= 1
        path.write_bytes(content if damage == "flip" else content[:-7])
    with pytest.warns(UserWarning, match=r"data.cache is damaged .*; it is made again"):
        again = load(dataset)
    assert np.array_equal(again.pixels, pixels) and np.array_equal(again.actions, whole.actions)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        load(dataset)


@pytest.mark.parametrize("about", ["", "{", "[]", '{"version": 1}'])
def test_a_cache_that_tells_nothing_is_made_again(dataset, about):
    load(dataset)
    (dataset.with_name("data.cache") / "about.json").write_text(about)
    with pytest.warns(UserWarning, match="it is made again"):
        assert load(dataset).frames == 17


def test_a_cache_whose_times_changed_is_compared_byte_by_byte(dataset, monkeypatch):
    """As after copying both: nothing is lost, and it is trusted from then on."""
    load(dataset)
    for file in [*dataset.with_name("data.cache").iterdir(), *dataset.rglob("*.parquet")]:
        os.utime(file, ns=(1, 1))
    compared = []
    agrees = cache._agrees
    monkeypatch.setattr(cache, "SAMPLED", 1)
    monkeypatch.setattr(cache, "_agrees", lambda s, c, number: compared.append(number) or agrees(s, c, number))
    load(dataset)
    load(dataset)
    assert compared == [0, 1, 2, 0]


def test_the_cache_of_an_earlier_dataset_is_not_used(tmp_path, write, columns):
    load(write(tmp_path / "data"))
    shutil.rmtree(tmp_path / "data")
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # that cache is not damaged
        frames = load(write(tmp_path / "data", start=12))
    assert (
        frames.index.tolist() == [12, 13, 14, 15]
        and frames.pixels[0, 0, 0, 0, 0] == columns(12, 6)["pixels"][0, 0, 0, 0, 0]
    )


def test_a_cache_that_was_cut_off_is_begun_anew(dataset):
    draft = dataset.with_name(".data.cache.draft")
    draft.mkdir()
    (draft / "pixels.npy").write_bytes(b"half")
    assert load(dataset).frames == 17
    assert not draft.exists()


def test_a_full_disk_under_the_cache_is_told_in_one_sentence(dataset, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch, pytest.raises(UserError, match=r"Cannot write .*data.cache: No space left"):
        patch.setattr(cache.os, "pwrite", full)
        load(dataset)
    assert load(dataset).frames == 17


def test_two_who_open_a_dataset_at_once_decode_it_once(dataset, monkeypatch):
    made, make = [], cache._make

    def slowly(*given):
        made.append(1)
        time.sleep(0.2)
        make(*given)

    monkeypatch.setattr(cache, "_make", slowly)
    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(load, [dataset, dataset])
    assert len(made) == 1 and np.array_equal(first.pixels, second.pixels)
