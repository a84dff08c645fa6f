"""Datasets on disk: what is written is what is read, the field's tools read it too, and nothing else is accepted."""

import io
import json
import os
import subprocess
import sys

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from envs import Cell, Contract, Outcome, Split, UserError, tiers
from vla import lerobot
from vla.datasets import load
from vla.demonstrations import pack_episode
from vla.recording import MANIFEST, fingerprint

DATA = "data/chunk-000/file-000.parquet"


def test_what_was_written_is_read_back(dataset, columns):
    frames = load(dataset)
    assert (frames.cell, frames.split, frames.start, frames.count) == (Cell("reach"), Split.TRAIN, 10, 4)
    assert (frames.name, frames.tier, frames.contract) == ("reach@easy", "reach", Contract(image_size=8))
    assert frames.episodes == 3 and frames.frames == 4 + 6 + 7
    assert frames.index.tolist() == [10, 12, 13] and frames.instructions == ("reach 0", "reach 0", "reach 1")
    for number, index in enumerate(frames.index):
        rows = slice(frames.bounds[number], frames.bounds[number + 1])
        for name, column in columns(int(index), int(index) - 6).items():
            assert np.array_equal(getattr(frames, name)[rows], column), name
            assert getattr(frames, name).dtype == column.dtype, name


def test_a_pool_has_a_level_for_each_episode_and_no_cell(tmp_path, write, recording):
    frames = load(write(tmp_path / "data", level="pool"))
    assert frames.cell is None and frames.name == "reach@pool"
    assert frames.level.tolist() == [recording(level="pool").episode(int(index)).level for index in frames.index]


def test_failed_episodes_are_counted_by_kind(dataset):
    entries = load(dataset).manifest["episodes"]
    assert [entry["failure"] for entry in entries] == ["", "dropped", "", ""]
    assert [entry["index"] for entry in entries] == [10, 11, 12, 13]


def test_a_chunk_ends_with_its_episode(dataset):
    frames = load(dataset)
    last = int(frames.bounds[1]) - 2  # the frame before the last one of the first episode
    actions, valid = frames.chunk(np.array([last]), 4)
    assert valid.tolist() == [[1, 1, 0, 0]]
    assert np.array_equal(actions[0], frames.actions[[last, last + 1, last + 1, last + 1]])


def test_the_folder_is_a_lerobot_dataset(dataset):
    """By the rules of lerobot's own reader: positions in the episodes' table, tasks by the index of a pandas frame."""
    info = json.loads((dataset / "meta" / "info.json").read_text())
    assert (info["codebase_version"], info["fps"], info["total_episodes"], info["total_frames"]) == ("v3.0", 10, 3, 17)
    table = pq.read_table(dataset / info["data_path"].format(chunk_index=0, file_index=0))
    assert set(table.column_names) == set(info["features"])
    for key, feature in info["features"].items():
        kind = table.schema.field(key).type
        if feature["dtype"] == "image":
            assert kind == pa.struct([("bytes", pa.binary()), ("path", pa.string())])
        elif feature["shape"] == [1]:
            assert kind == pa.from_numpy_dtype(np.dtype(feature["dtype"]))
        else:
            assert kind == pa.list_(pa.from_numpy_dtype(np.dtype(feature["dtype"])), feature["shape"][0])
            assert len(feature["names"]) == feature["shape"][0]
    tasks = pd.read_parquet(dataset / "meta" / "tasks.parquet")
    episodes = pq.read_table(dataset / "meta" / "episodes" / "chunk-000" / "file-000.parquet").to_pylist()
    frames = load(dataset)
    for number, (episode, instruction) in enumerate(zip(episodes, frames.instructions, strict=True)):
        rows = table.slice(episode["dataset_from_index"], episode["length"])
        assert episode["tasks"] == [instruction] and episode["gradatim/index"] == frames.index[number]
        assert {tasks.iloc[task].name for task in rows["task_index"].to_pylist()} == {instruction}
        assert rows["index"].to_pylist() == list(range(frames.bounds[number], frames.bounds[number + 1]))
        assert np.allclose(rows["timestamp"].to_pylist(), np.arange(episode["length"]) / 10)
        assert rows["next.done"].to_pylist() == [False] * (episode["length"] - 1) + [True]
        pictures = [row["bytes"] for row in rows["observation.images.wrist"].to_pylist()]
        shown = np.stack([np.asarray(Image.open(io.BytesIO(picture))) for picture in pictures])
        assert np.array_equal(shown, frames.pixels[frames.bounds[number] : frames.bounds[number + 1], 1])


def test_statistics_are_those_of_the_numbers(dataset):
    frames, stats = load(dataset), json.loads((dataset / "meta" / "stats.json").read_text())
    assert set(stats) == set(json.loads((dataset / "meta" / "info.json").read_text())["features"])
    assert np.allclose(stats["action"]["mean"], frames.actions.mean(0, dtype=float))
    assert np.allclose(stats["observation.state"]["std"], frames.state.std(0, dtype=float))
    assert stats["index"]["max"] == [16] and stats["action"]["count"] == [17]
    front, told = frames.pixels[:, 0] / 255, stats["observation.images.front"]
    for name, value in {
        "mean": front.mean((0, 1, 2)),
        "std": front.std((0, 1, 2)),
        "max": front.max((0, 1, 2)),
    }.items():
        assert np.allclose(np.array(told[name]), value.reshape(3, 1, 1)), name
    assert np.allclose(np.ravel(told["q50"]), np.median(front, axis=(0, 1, 2)), atol=0.05)


def test_a_data_file_ends_before_it_grows_too_large(tmp_path, monkeypatch, write):
    whole = write(tmp_path / "whole")
    monkeypatch.setattr(lerobot, "DATA_FILE_SIZE", 0.0)
    split = write(tmp_path / "split")
    assert sorted(file.name for file in (split / "data" / "chunk-000").iterdir()) == [
        f"file-00{k}.parquet" for k in range(3)
    ]
    assert load(split).fingerprint == load(whole).fingerprint
    assert np.array_equal(load(split).pixels, load(whole).pixels)
    episodes = pq.read_table(split / "meta" / "episodes").to_pydict()
    assert episodes["data/file_index"] == [0, 1, 2]


@pytest.mark.parametrize("level", [0.0, "pool"])
def test_lerobot_s_doctor_finds_no_failure(tmp_path, level, write):
    write(tmp_path / "data", level=level)
    done = subprocess.run(
        [os.path.join(os.path.dirname(sys.executable), "lerobot-doctor"), tmp_path / "data", "--ci"],
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    assert " 0 fail" in done.stderr


def test_numbers_that_are_not_finite_are_not_recorded(columns, recording):
    plan, drawn = recording(), columns(10, 4)
    drawn["actions"][2, 3] = np.nan
    steps = [{name: column[row] for name, column in drawn.items()} for row in range(4)]
    outcome = Outcome(plan.episode(10), "expert", "reach", True, True, 1.0, 4)
    with pytest.raises(UserError, match="not finite in 'actions'"):
        pack_episode(plan, outcome, steps)


def test_a_missing_dataset_is_refused(tmp_path):
    with pytest.raises(UserError, match="There is no dataset"):
        load(tmp_path / "nowhere")


def test_an_empty_or_foreign_folder_is_refused(tmp_path):
    with pytest.raises(UserError, match="the folder is empty"):
        load(tmp_path)
    (tmp_path / "meta").mkdir()
    with pytest.raises(UserError, match="has no meta/gradatim.json"):
        load(tmp_path)
    (tmp_path / MANIFEST).write_text('{"plan": {"format": "a train timetable"}}')
    with pytest.raises(UserError, match="of another kind"):
        load(tmp_path)
    (tmp_path / MANIFEST).write_text("{")
    with pytest.raises(UserError, match="damaged"):
        load(tmp_path)


def test_a_dataset_without_a_successful_episode_is_refused(tmp_path, write):
    write(tmp_path / "data", failed=(10, 11, 12, 13))
    with pytest.raises(UserError, match="holds no successful episode"):
        load(tmp_path / "data")


def rewrite(dataset, **changes):
    """Another plan in the manifest, which still agrees with itself."""
    manifest = json.loads((dataset / MANIFEST).read_text())
    plan = manifest["plan"] | changes
    told = {"plan": plan, "fingerprint": fingerprint(plan, manifest["episodes"])}
    (dataset / MANIFEST).write_text(json.dumps(manifest | told))


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"format_version": 99}, "has format version 99"),
        (
            {"tier_version": 99},
            f"holds version 99 of tier reach, .* has version {tiers['reach'].version}; generate it again",
        ),
        ({"skills": ["juggle"]}, "labelled with other skills"),
        ({"engine": {"mujoco": "3.1", "numpy": np.__version__}}, "made with .*mujoco 3.1"),
        ({"contract": {"cameras": ["front"]}}, "its contract differs"),
    ],
)
def test_a_dataset_of_another_version_is_refused(dataset, changes, sentence):
    rewrite(dataset, **changes)
    with pytest.raises(UserError, match=sentence):
        load(dataset)


def test_a_dataset_of_another_engine_can_be_looked_at(dataset):
    rewrite(dataset, engine={"mujoco": "3.1"}, tier_version=99)
    assert load(dataset, foreign=True).episodes == 3


def test_a_manifest_that_does_not_agree_with_itself_is_refused(dataset):
    manifest = json.loads((dataset / MANIFEST).read_text())
    manifest["episodes"][0], manifest["episodes"][2] = manifest["episodes"][2], manifest["episodes"][0]
    (dataset / MANIFEST).write_text(json.dumps(manifest))
    with pytest.raises(UserError, match="does not agree with itself"):
        load(dataset)
