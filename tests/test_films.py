"""Films: every frame says what was asked and what came of it, and no file is ever overwritten."""

import imageio.v3 as imageio
import numpy as np
import pytest
from PIL import Image

from benchmarks import console, films
from benchmarks.films import LINGER, SIZE, caption, film_name, judge
from envs.episodes import Episode, Outcome, Split
from envs.errors import UserError
from envs.spaces import CONTROL_HZ

EPISODE = Episode("reach", 0.0, Split.DEV, 7)


def outcome(good, failure="", error=""):
    return Outcome(EPISODE, "expert", "reach the red block", good, good, float(good), 30, failure, error)


def test_a_recorded_film_is_h264_and_named_by_what_it_shows(tmp_path, capsys, monkeypatch):
    arguments = ["record", "--tier", "reach", "--actor", "expert", "--split", "dev", "--index", "7", "--inset"]
    assert console.main([*arguments, "--out", str(tmp_path)]) == 0
    path = tmp_path / "reach-easy-dev-000007-expert.mp4"
    assert [path] == list(tmp_path.iterdir())
    assert path.name in capsys.readouterr().err or path.exists()
    about = imageio.immeta(path, plugin="FFMPEG")
    assert about["codec"] == "h264" and about["size"] == (SIZE, SIZE) and about["fps"] == CONTROL_HZ
    pictures = list(imageio.imiter(path, plugin="FFMPEG"))
    assert len(pictures) > LINGER * CONTROL_HZ
    assert len(np.unique(pictures[0].reshape(-1, 3), axis=0)) > 50, "the picture is blank"

    monkeypatch.setattr(films, "play", None)  # the refusal comes before anything is played
    before = path.read_bytes()
    assert console.main([*arguments, "--out", str(tmp_path)]) == 2
    assert "films are never overwritten" in capsys.readouterr().err
    assert path.read_bytes() == before


def test_a_film_that_appears_meanwhile_is_not_overwritten(tmp_path):
    path = tmp_path / "film.mp4"
    path.write_bytes(b"another film")
    with pytest.raises(UserError, match="never overwritten"):
        films.write_film(path, iter([np.zeros((64, 64, 3), np.uint8)] * 3))
    assert path.read_bytes() == b"another film"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("frames", [0, 2])
def test_a_film_that_is_not_whole_is_not_left(frames, tmp_path, monkeypatch):
    monkeypatch.setattr(films, "count_frames", lambda path: frames)
    with pytest.raises(UserError, match="could not be written whole"):
        films.write_film(tmp_path / "film.mp4", [np.zeros((64, 64, 3), np.uint8)] * 3)
    assert not list(tmp_path.iterdir())


def test_an_encoder_that_ends_early_is_told(tmp_path, monkeypatch):
    class Gone:
        def __enter__(self):
            return self

        def __exit__(self, *error):
            pass

        def append_data(self, picture):
            raise BrokenPipeError

    monkeypatch.setattr(films.imageio, "get_writer", lambda *a, **k: Gone())
    with pytest.raises(UserError, match="is the disk full"):
        films.write_film(tmp_path / "film.mp4", [np.zeros((64, 64, 3), np.uint8)])


def test_instruction_and_outcome_are_on_every_frame():
    blank = [np.full((480, 480, 3), 90, np.uint8)] * 4
    good = list(caption(blank, [], outcome(True)))
    bad = list(caption(blank, [], outcome(False, "no grasp")))
    assert len(good) == 4 + round(LINGER * CONTROL_HZ)
    strip = films.band(480)
    for one, other in zip(good, bad, strict=True):
        assert one[:strip].max() == 255, "the instruction is not there"
        assert np.array_equal(one[:strip], other[:strip])
        words = [(shot[2 - strip :, :240] != shot[-1, 1]).any(axis=-1) for shot in (one, other)]
        assert not np.array_equal(*words), "success and failure read the same"
        assert np.array_equal(one[strip + 1 : -strip - 3], other[strip + 1 : -strip - 3]), "texts hide the scene"


def test_the_verdict_tells_success_failure_and_error_apart():
    verdicts = [judge(outcome(True)), judge(outcome(False, "dropped")), judge(outcome(False, error="NaN"))]
    assert [words for words, _ in verdicts] == ["success", "failure: dropped", "broken: NaN"]
    assert len({colour for _, colour in verdicts}) == 3


def test_the_policy_s_view_is_shown_in_a_corner():
    image = Image.fromarray(np.zeros((480, 480, 3), np.uint8))
    films.paste_view(image, np.full((64, 128, 3), 200, np.uint8))
    shown = np.asarray(image)
    assert shown[400, 470].max() == 200 and shown[100, 100].max() == 0


def test_a_long_instruction_is_broken_into_lines_that_fit():
    face, text = films.font(16), "put the red block on the blue pad " * 9
    lines = films.wrapped(text, face, 300)
    assert len(lines) > 3 and " ".join(lines) == text.strip()
    assert all(face.getlength(line) <= 300 for line in lines)
    assert films.wrapped("", face, 300) == [""]


def test_a_missing_encoder_is_told(monkeypatch):
    def missing():
        raise RuntimeError("No ffmpeg exe could be found.")

    monkeypatch.setattr(films.imageio_ffmpeg, "get_ffmpeg_exe", missing)
    with pytest.raises(UserError, match="No video encoder was found"):
        films.check_encoder()


def test_films_of_two_actors_have_two_names():
    assert film_name(EPISODE, "expert") != film_name(EPISODE, "zero")


@pytest.mark.parametrize("encoder", ["nowhere/ffmpeg", "/bin/false"])
def test_an_encoder_that_cannot_be_run_is_told(monkeypatch, encoder):
    monkeypatch.setattr(films.imageio_ffmpeg, "get_ffmpeg_exe", lambda: encoder)
    with pytest.raises(UserError, match=f"The video encoder {encoder} cannot be run"):
        films.check_encoder()
