"""Looking at a dataset: numbers that are its own, a sheet that shows it, a recording for Rerun."""

import sys
import types

import numpy as np
import pytest
from PIL import Image

from benchmarks import console, replaying
from benchmarks.inspection import describe
from benchmarks.sheets import CROSSES, contact_sheet
from envs import Cell


@pytest.fixture
def frames(demonstrations):
    return demonstrations[Cell("stack-two")]


def test_what_is_told_of_a_dataset_is_its_own(frames):
    told = "\n".join(describe(frames))
    for own in (
        f"{frames.episodes} of {frames.count} episodes kept",
        f"frames            {frames.frames},",
        "data level        easy",
        *frames.instructions,
        f"sees object in {frames.visible[:, 1, 0].mean():.0%} of frames",
        "1. pick",
    ):
        assert own in told
    gripper = next(line for line in told.splitlines() if line.strip().startswith("gripper"))
    assert gripper.split()[1:] == ["-1.00", f"{frames.actions[:, -1].mean():.2f}", "1.00", "100%"]


def test_a_contact_sheet_shows_pictures_and_labels(frames):
    sheet = np.asarray(contact_sheet(frames, [0, 2], moments=3))
    for row in (frames.bounds[0], frames.bounds[2], frames.bounds[3] - 1):
        large = frames.pixels[row, 1].repeat(2, axis=0).repeat(2, axis=1)
        assert any(
            np.mean(sheet[y : y + 128, x : x + 128] == large) > 0.97
            for y in range(0, len(sheet) - 127)
            for x in range(6 + 129, sheet.shape[1] - 127, 129 * 2 + 11)
        ), f"frame {row} is not there"
    for colour, _ in CROSSES.values():
        assert (sheet == colour).all(axis=2).any()


def test_inspect_ends_by_naming_its_sheet(frames, tmp_path, capsys):
    sheet = tmp_path / "new" / "sheet.png"
    assert console.main(["inspect", str(frames.folder), "--episodes", "2", "--moments", "2", "--out", str(sheet)]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == f"The contact sheet is {sheet}"
    assert Image.open(sheet).size[0] > 500
    assert not list(frames.folder.glob("*.png")), "the dataset is left as it was"


def test_inspecting_what_is_no_dataset_is_one_sentence(tmp_path, capsys):
    assert console.main(["inspect", str(tmp_path)]) == 2
    assert capsys.readouterr().err.strip() == f"gradatim: {tmp_path} is no dataset of Gradatim: the folder is empty."


def test_without_rerun_one_sentence_says_how_to_get_it(frames, tmp_path, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "rerun", None)
    assert console.main(["inspect", str(frames.folder), "--rerun", "0", "--out", str(tmp_path / "sheet.png")]) == 2
    assert capsys.readouterr().err.strip().endswith('`pip install "gradatim[rerun]"` brings it.')


class Recorder:
    """Keeps what would be logged."""

    def __init__(self, *_, **__):
        self.logged, self.steps = [], []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def save(self, path):
        path.write_bytes(b"rrd")

    def set_time(self, name, sequence=None, duration=None):
        self.steps += [] if sequence is None else [sequence]

    def log(self, path, *_, **__):
        self.logged.append(path)


def test_every_frame_of_one_episode_is_logged_for_rerun(frames, tmp_path, monkeypatch):
    recorder = Recorder()
    shapes = {
        name: lambda *_, **__: None for name in ("TextDocument", "TextLog", "Image", "Points2D", "Points3D", "Scalars")
    }
    monkeypatch.setitem(
        sys.modules, "rerun", types.SimpleNamespace(RecordingStream=lambda *_, **__: recorder, **shapes)
    )
    replaying.write_replay(frames, 1, tmp_path / "episode.rrd")
    length = int(frames.bounds[2] - frames.bounds[1])
    assert recorder.steps == list(range(length))
    for path in ("cameras/front", "cameras/wrist/labels", "space", "action/gripper", "state/width", "plan"):
        assert recorder.logged.count(path) == length, path
    with pytest.raises(Exception, match="has episodes 0 to 2; 3 was asked for"):
        replaying.write_replay(frames, 3, tmp_path / "episode.rrd")


def test_rerun_itself_accepts_an_episode(frames, tmp_path):
    pytest.importorskip("rerun", reason="the extra rerun is not installed")
    replaying.write_replay(frames, 0, tmp_path / "episode.rrd")
    assert (tmp_path / "episode.rrd").stat().st_size > 10_000
