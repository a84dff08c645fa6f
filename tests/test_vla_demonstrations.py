"""Demonstrations of the expert: recorded as they were played, whatever the machine does."""

import numpy as np
import pytest

from envs import Cell, Contract, Episode, Expert, Play, Split, UserError, play
from vla.datasets import column_layout, load
from vla.demonstrations import generate
from vla.normalisation import Normalisation

SIZE = 16  # [px]


def generated(out, count=4, tier="reach", **settings):
    return generate(tier, 0.0, Split.TRAIN, 5, count, out, **{"threads": 1, "image_size": SIZE, **settings})


def test_pictures_show_something(demonstrations):
    """A dataset of black frames passes every check of shapes."""
    for frames in demonstrations.values():
        for camera in range(len(frames.contract.cameras)):
            pictures = frames.pixels[:, camera].astype(float)
            assert pictures.std(axis=(1, 2)).mean() > 15, "a frame shows one colour"
            assert pictures.std(axis=0).max() > 15, "nothing moves"


def test_what_is_recorded_depends_neither_on_slots_nor_on_threads(tmp_path):
    one = load(generated(tmp_path / "one", slots=1).folder)
    many = load(generated(tmp_path / "many", slots=4, threads=2).folder)
    assert one.fingerprint == many.fingerprint


def test_labels_point_at_what_is_named(demonstrations):
    """The pixel at the label of a block to be reached has the colour that the instruction names."""
    frames = demonstrations[Cell("reach")]
    channel = {"red": (0,), "green": (1,), "blue": (2,), "yellow": (0, 1)}
    right = []
    for number, text in enumerate(frames.instructions):
        strong = channel[text.split()[2]]
        row = frames.bounds[number]
        u, v = ((frames.pixel[row, 0, 0] + 1) / 2 * frames.contract.image_size).astype(int)
        colour = frames.pixels[row, 0, v, u].astype(int)
        weak = [i for i in range(3) if i not in strong]
        right.append(min(colour[list(strong)]) > max(colour[weak]) + 30)
    assert all(right)


def played(frames, disturbed):
    """(actions, states, wrist pictures) of the same episodes, one after the other, as `play` gives them."""
    how = Play(slots=1, threads=1, image_size=SIZE, hold=10, disturbed=disturbed)
    ticks = list(play(Expert(), [Episode("reach", 0.0, Split.TRAIN, int(index)) for index in frames.index], how))
    seen = [tick.observation for tick in ticks]
    actions, states, wrist = (
        [tick.actions for tick in ticks],
        [one["agent_pos"] for one in seen],
        [one["pixels"]["wrist"] for one in seen],
    )
    return tuple(np.concatenate(column) for column in (actions, states, wrist))


def test_actions_are_clean_and_frames_are_seen_before_them(tmp_path):
    frames = load(generated(tmp_path / "data").folder)
    actions, states, wrist = played(frames, disturbed=True)
    assert np.array_equal(frames.actions, actions)
    assert np.array_equal(frames.state, states)
    assert np.array_equal(frames.pixels[:, 1], wrist)


def test_demonstrations_are_disturbed(tmp_path):
    frames = load(generated(tmp_path / "data").folder)
    _, states, _ = played(frames, disturbed=False)
    assert states.shape != frames.state.shape or not np.array_equal(states, frames.state)


def test_demonstrations_end_at_rest(demonstrations):
    for frames in demonstrations.values():
        ends = frames.bounds[1:] - 1
        assert np.abs(frames.actions[ends, :3]).max() < 0.1


def test_a_cut_off_generation_goes_on(tmp_path, monkeypatch):
    class CutError(Exception):
        pass

    class Bar:
        def update(self, n):
            if n:
                raise CutError

    whole = load(generated(tmp_path / "whole").folder)
    with pytest.raises(CutError):
        generated(tmp_path / "cut", bar=Bar())
    again = []
    monkeypatch.setattr(
        "vla.demonstrations.play", lambda actor, episodes, how: again.extend(episodes) or play(actor, episodes, how)
    )
    rest = generated(tmp_path / "cut")
    assert rest.played == len(again) == 3 and rest.kept == 4
    assert load(tmp_path / "cut").fingerprint == whole.fingerprint


def test_complete_demonstrations_are_not_played_again(tmp_path):
    first, second = generated(tmp_path / "data"), generated(tmp_path / "data")
    assert (first.played, second.played) == (4, 0)
    assert (second.kept, second.frames, second.rate) == (first.kept, first.frames, 1.0)
    with pytest.raises(UserError, match="holds another dataset .*count 4 instead of 5"):
        generated(tmp_path / "data", count=5)


def test_an_unknown_tier_or_no_episode_is_refused(tmp_path):
    with pytest.raises(UserError, match="tier named 'raech'"):
        generated(tmp_path / "data", tier="raech")
    with pytest.raises(UserError, match="At least one"):
        generated(tmp_path / "data", count=0)
    assert not list(tmp_path.iterdir())


def test_a_read_only_folder_is_told_in_one_sentence(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="Cannot write"):
        generated(tmp_path / "file" / "data")


def test_every_column_is_there(tmp_path):
    frames = load(generated(tmp_path / "data").folder)
    for name, (dtype, shape) in column_layout(Contract(image_size=SIZE)).items():
        column = getattr(frames, name)
        assert column.dtype == dtype and column.shape == (frames.frames, *shape)


def test_scales_weigh_every_cell_alike(demonstrations):
    short, long = demonstrations[Cell("reach")], demonstrations[Cell("stack-two")]
    both = Normalisation.of([short, long])
    assert both == Normalisation.of([long, short])
    means = [frames.state[:, :3].mean(0, dtype=np.float64) for frames in (short, long)]
    assert np.allclose(both.state_mean[:3], np.mean(means, axis=0), atol=1e-6)
    assert np.allclose(Normalisation.of([short]).state_scale[:3], short.state[:, :3].std(0), rtol=1e-3)
    assert min(both.state_scale) > 0 and min(both.motion_scale) > 0
    assert Normalisation.from_json(both.to_json()) == both


def test_scales_of_nothing_are_refused():
    with pytest.raises(UserError, match="at least one cell"):
        Normalisation.of([])
