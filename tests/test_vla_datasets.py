"""Datasets on disk: what is written is what is read, and nothing else is accepted."""

import json
import os
import shutil

import numpy as np
import pytest

from envs import Cell, Contract, Split, UserError
from vla.datasets import MANIFEST, column_file, column_layout, load
from vla.recording import JOURNAL, DatasetWriter, Recording

CONTRACT = Contract(image_size=8)


def recording(count: int = 4, start: int = 10, split: Split = Split.TRAIN) -> Recording:
    return Recording(Cell("reach", 0.0), 0, split, start, count, CONTRACT)


def episode(index: int, frames: int = 5) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(index)
    return {
        name: rng.integers(0, 2 if dtype.kind == "b" else 200, (frames, *shape)).astype(dtype)
        for name, (dtype, shape) in column_layout(CONTRACT).items()
    }


def write(out, count: int = 4, failed: tuple[int, ...] = (11,)):
    writer = DatasetWriter(recording(count), out)
    for index in range(10 + writer.done, 10 + count):
        columns = None if index in failed else episode(index, index - 6)
        writer.add(index, f"reach {index}", columns, "dropped" if index in failed else "")
    writer.finish()
    return out


@pytest.fixture
def dataset(tmp_path):
    return write(tmp_path / "data")


def test_what_was_written_is_read_back(dataset):
    frames = load(dataset)
    assert (frames.cell, frames.split, frames.start, frames.count) == (Cell("reach"), Split.TRAIN, 10, 4)
    assert frames.episodes == 3 and frames.frames == 4 + 6 + 7
    assert frames.index.tolist() == [10, 12, 13] and frames.instructions == ("reach 10", "reach 12", "reach 13")
    for number, index in enumerate(frames.index):
        rows = slice(frames.bounds[number], frames.bounds[number + 1])
        for name, column in episode(int(index), int(index) - 6).items():
            assert np.array_equal(getattr(frames, name)[rows], column), name
    assert frames.contract == CONTRACT


def test_failed_episodes_are_counted_by_kind(dataset):
    entries = load(dataset).manifest["episodes"]
    assert [entry["failure"] for entry in entries] == ["", "dropped", "", ""]


def test_a_chunk_ends_with_its_episode(dataset):
    frames = load(dataset)
    last = int(frames.bounds[1]) - 2  # the frame before the last one of the first episode
    actions, valid = frames.chunk(np.array([last]), 4)
    assert valid.tolist() == [[1, 1, 0, 0]]
    assert np.array_equal(actions[0], frames.actions[[last, last + 1, last + 1, last + 1]])


def test_a_recording_that_was_cut_off_goes_on_and_leaves_the_same_bytes(tmp_path):
    whole = write(tmp_path / "whole")
    writer = DatasetWriter(recording(), tmp_path / "cut")
    writer.add(10, "reach 10", episode(10, 4))
    writer._columns["state"].write(b"half an episode")  # the process dies here: columns are ahead of the journal
    writer.close()
    with open(writer.folder / JOURNAL, "ab") as file:
        file.write(b'{"index": 11, "fra')
    cut = write(tmp_path / "cut")
    for name in column_layout(CONTRACT):
        assert column_file(cut, name).read_bytes() == column_file(whole, name).read_bytes(), name
    assert load(cut).fingerprint == load(whole).fingerprint
    assert sorted(os.listdir(cut)) == sorted(os.listdir(whole))


def test_a_recording_that_is_not_finished_is_no_dataset(tmp_path):
    writer = DatasetWriter(recording(), tmp_path / "data")
    writer.add(10, "reach 10", episode(10))
    writer.close()
    with pytest.raises(UserError, match="no dataset"):
        load(tmp_path / "data")


def test_episodes_out_of_order_are_refused(tmp_path):
    writer = DatasetWriter(recording(), tmp_path / "data")
    with pytest.raises(ValueError, match="10 is next"):
        writer.add(11, "reach 11", episode(11))


def test_numbers_that_are_not_finite_are_not_recorded(tmp_path):
    writer, columns = DatasetWriter(recording(), tmp_path / "data"), episode(10)
    columns["actions"][2, 3] = np.nan
    with pytest.raises(UserError, match="not finite in 'actions'"):
        writer.add(10, "reach 10", columns)
    assert writer.done == 0


@pytest.mark.parametrize("change", [{"count": 5}, {"start": 11}, {"split": Split.DEV}])
def test_going_on_with_another_recording_is_refused(tmp_path, change):
    DatasetWriter(recording(), tmp_path / "data").close()
    with pytest.raises(UserError, match="holds another dataset"):
        DatasetWriter(recording(**change), tmp_path / "data")


def test_a_folder_in_the_way_is_left_alone(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "thesis.txt").write_text("mine")
    with pytest.raises(UserError, match="in the way"):
        DatasetWriter(recording(), tmp_path / "data")
    assert (tmp_path / "data" / "thesis.txt").read_text() == "mine"


def test_a_folder_that_cannot_be_written_is_told_in_one_sentence(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="Cannot write"):
        DatasetWriter(recording(), tmp_path / "file" / "data")


def test_a_full_disk_is_told_in_one_sentence(tmp_path):
    writer = DatasetWriter(recording(), tmp_path / "data")
    writer._columns["pixels"].close()
    writer._columns["pixels"] = open("/dev/full", "ab")  # noqa: SIM115  every write fails: no space left
    with pytest.raises(UserError, match="No space left"):
        writer.add(10, "reach 10", episode(10))


def test_a_missing_dataset_is_refused(tmp_path):
    with pytest.raises(UserError, match="There is no dataset"):
        load(tmp_path / "nowhere")


def test_an_empty_or_foreign_folder_is_refused(tmp_path):
    with pytest.raises(UserError, match="the folder is empty"):
        load(tmp_path)
    (tmp_path / MANIFEST).write_text('{"format": "a train timetable"}')
    with pytest.raises(UserError, match="of another kind"):
        load(tmp_path)
    (tmp_path / MANIFEST).write_text("{")
    with pytest.raises(UserError, match="damaged"):
        load(tmp_path)


def test_a_dataset_without_a_successful_episode_is_refused(tmp_path):
    write(tmp_path / "data", failed=(10, 11, 12, 13))
    with pytest.raises(UserError, match="holds no successful episode"):
        load(tmp_path / "data")


def test_a_dataset_of_another_format_version_is_refused(dataset):
    manifest = json.loads((dataset / MANIFEST).read_text())
    (dataset / MANIFEST).write_text(json.dumps(manifest | {"format_version": 99}))
    with pytest.raises(UserError, match="format version 99"):
        load(dataset)


@pytest.mark.parametrize("column", ["pixels", "actions", "plan_step"])
@pytest.mark.parametrize("damage", ["flip", "cut", "remove", "foreign"])
def test_a_damaged_column_is_refused(dataset, column, damage):
    path = column_file(dataset, column)
    content = bytearray(path.read_bytes())
    if damage == "flip":
        content[-1] ^= 1
        path.write_bytes(content)
    elif damage == "cut":
        path.write_bytes(content[:-7])
    elif damage == "remove":
        path.unlink()
    else:
        shutil.copy(column_file(dataset, "position"), path)
    with pytest.raises(UserError, match="where .* belongs" if damage == "foreign" else "damaged"):
        load(dataset)


def test_a_manifest_that_does_not_agree_with_itself_is_refused(dataset):
    manifest = json.loads((dataset / MANIFEST).read_text())
    (dataset / MANIFEST).write_text(json.dumps(manifest | {"fingerprint": "0" * 64}))
    with pytest.raises(UserError, match="does not agree with itself"):
        load(dataset)


def test_a_manifest_that_tells_other_episodes_is_refused(dataset):
    manifest = json.loads((dataset / MANIFEST).read_text())
    manifest["episodes"][0], manifest["episodes"][2] = manifest["episodes"][2], manifest["episodes"][0]
    (dataset / MANIFEST).write_text(json.dumps(manifest))
    with pytest.raises(UserError, match="damaged"):
        load(dataset)
