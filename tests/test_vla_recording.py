"""Recording: what was kept stays kept, whatever ends the process."""

import json

import pytest

from envs import Contract, Split, UserError
from vla.recording import Recording
from vla.staging import EPISODES, JOURNAL, Staging

CONTRACT = Contract(image_size=8)


def recording(**changes) -> Recording:
    plan = {"tier": "reach", "level": 0.0, "split": Split.TRAIN, "start": 10, "count": 4, "contract": CONTRACT}
    return Recording(**{**plan, **changes})


def fill(out) -> Staging:
    """A recording into which three episodes came, not in order."""
    staging = Staging(recording(), out)
    staging.add({"index": 12}, b"twelve")
    staging.add({"index": 10, "failure": "dropped"})
    staging.add({"index": 11}, b"eleven")
    return staging


def resumed(out) -> Staging:
    return Staging(recording(), out)


def test_a_plan_comes_back_from_json_unchanged():
    for level in (0.25, "pool"):
        plan = recording(level=level)
        assert Recording.from_json(json.loads(json.dumps(plan.to_json()))) == plan


def test_episodes_that_came_in_any_order_are_there_again(tmp_path):
    fill(tmp_path / "data").close()
    again = resumed(tmp_path / "data")
    assert set(again.entries) == {10, 11, 12}
    assert [again.packed(index) for index in (10, 11, 12)] == [b"", b"eleven", b"twelve"]
    assert again.entries[10]["failure"] == "dropped"


@pytest.mark.parametrize("tail", [b"half an epis", b""])
@pytest.mark.parametrize("line", [b'{"index": 13, "fra', b'{"index": 13}\n', b"\x00\x00\x00\n", b""])
def test_what_lies_behind_the_last_true_line_is_cut_off(tail, line, tmp_path):
    staging = fill(tmp_path / "data")
    staging.close()
    for name, more in ((EPISODES, tail), (JOURNAL, line)):
        with open(staging.folder / name, "ab") as file:
            file.write(more)
    again = resumed(tmp_path / "data")
    again.add({"index": 13}, b"thirteen")
    again.close()
    last = resumed(tmp_path / "data")
    assert set(last.entries) == {10, 11, 12, 13} and last.packed(13) == b"thirteen" and last.packed(11) == b"eleven"


def test_an_episode_whose_bytes_are_untrue_is_played_again_with_all_behind_it(tmp_path):
    staging = fill(tmp_path / "data")
    staging.close()
    content = (staging.folder / EPISODES).read_bytes()
    (staging.folder / EPISODES).write_bytes(content.replace(b"eleven", b"elfen!"))
    assert set(resumed(tmp_path / "data").entries) == {12, 10}


def test_an_episode_cannot_be_in_twice(tmp_path):
    with pytest.raises(ValueError, match="12 is in already"):
        fill(tmp_path / "data").add({"index": 12}, b"again")


@pytest.mark.parametrize("change", [{"count": 5}, {"start": 11}, {"split": Split.DEV}, {"level": "pool"}])
def test_going_on_with_another_recording_is_refused(tmp_path, change):
    Staging(recording(), tmp_path / "data").close()
    with pytest.raises(UserError, match="holds another dataset"):
        Staging(recording(**change), tmp_path / "data")


def test_going_on_with_another_engine_is_refused(tmp_path, monkeypatch):
    Staging(recording(), tmp_path / "data").close()
    monkeypatch.setattr("vla.recording.installed_version", lambda package: "99")
    with pytest.raises(UserError, match="holds another dataset .*mujoco"):
        Staging(recording(), tmp_path / "data")


def test_two_processes_in_one_recording_are_refused(tmp_path):
    first = Staging(recording(), tmp_path / "data")
    with pytest.raises(UserError, match="Another process records"):
        Staging(recording(), tmp_path / "data")
    first.close()
    Staging(recording(), tmp_path / "data").close()


def test_a_folder_that_cannot_be_written_is_told_in_one_sentence(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="Cannot write"):
        Staging(recording(), tmp_path / "file" / "data")


def test_a_full_disk_is_told_in_one_sentence_and_costs_no_other_episode(tmp_path):
    staging = fill(tmp_path / "data")
    whole, staging._bytes = staging._bytes, open("/dev/full", "ab")  # noqa: SIM115  every write fails: no space left
    with pytest.raises(UserError, match="No space left"):
        staging.add({"index": 13}, b"thirteen")
    staging._bytes = whole
    whole.write(b"what the disk still held")
    staging.add({"index": 13}, b"thirteen")
    staging.close()
    again = resumed(tmp_path / "data")
    assert set(again.entries) == {10, 11, 12, 13} and again.packed(13) == b"thirteen"
