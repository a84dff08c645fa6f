"""Demonstrations of the expert: recorded as they were played, whatever the machine does."""

import json
import subprocess
import sys

import numpy as np
import pytest

from envs import Cell, Contract, Episode, Expert, Play, Split, UserError, play
from envs.pools import POOL, episode_at
from vla.columns import all_columns
from vla.datasets import load
from vla.demonstrations import generate
from vla.normalisation import STATE_FLOOR, Normalisation

SIZE = 16  # [px]


def generated(out, count=4, tier="reach", level=0.0, **settings):
    return generate(tier, level, Split.TRAIN, 5, count, out, **{"threads": 1, "image_size": SIZE, **settings})


def contents(folder):
    """The bytes of every file, by its place."""
    return {file.relative_to(folder): file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file()}


def test_pictures_show_something(demonstrations):
    """A dataset of black frames passes every check of shapes."""
    for frames in demonstrations.values():
        for camera in range(len(frames.contract.cameras)):
            pictures = frames.pixels[:, camera].astype(float)
            assert pictures.std(axis=(1, 2)).mean() > 15, "a frame shows one colour"
            assert pictures.std(axis=0).max() > 15, "nothing moves"


@pytest.mark.parametrize(("tier", "level"), [("reach", 0.0), ("pick", 1.0), ("reach", POOL)])
def test_every_byte_depends_neither_on_slots_nor_on_threads(tier, level, tmp_path):
    one = generated(tmp_path / "one", tier=tier, level=level, slots=1)
    many = generated(tmp_path / "many", tier=tier, level=level, slots=64, threads=2)
    assert contents(one.folder) == contents(many.folder)


def test_every_episode_of_a_pool_draws_its_level(tmp_path):
    frames = load(generated(tmp_path / "data", count=6, level=POOL).folder)
    assert len(set(frames.level)) == frames.episodes
    for number, index in enumerate(frames.index.tolist()):
        episode = episode_at("reach", POOL, Split.TRAIN, index)
        assert episode.level == frames.level[number] == json.loads(json.dumps(episode.level))
        tick = next(play(Expert(), [episode], Play(slots=1, threads=1, image_size=SIZE)))
        assert np.array_equal(tick.observation["pixels"]["front"][0], frames.pixels[frames.bounds[number], 0])
        assert tick.instructions == [frames.instructions[number]]


def test_levels_of_a_pool_are_uniform_and_differ_between_tiers_and_splits():
    drawn = [
        [episode_at(tier, POOL, split, index).level for index in range(1000)]
        for tier, split in (("reach", Split.TRAIN), ("pick", Split.TRAIN), ("reach", Split.DEV))
    ]
    for levels in drawn:
        assert 0 <= min(levels) < 0.01 and 0.99 < max(levels) <= 1
        assert np.abs(np.quantile(levels, [0.25, 0.5, 0.75]) - [0.25, 0.5, 0.75]).max() < 0.05
    assert len({tuple(levels) for levels in drawn}) == 3


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

    whole = generated(tmp_path / "whole")
    with pytest.raises(CutError):
        generated(tmp_path / "cut", bar=Bar())
    again = []
    monkeypatch.setattr(
        "vla.demonstrations.play", lambda actor, episodes, how: again.extend(episodes) or play(actor, episodes, how)
    )
    rest = generated(tmp_path / "cut")
    assert rest.played == len(again) == 3 and rest.kept == 4
    assert contents(tmp_path / "cut") == contents(whole.folder)


KILLED = """
import os, signal, sys
from pathlib import Path
from envs import Split
from vla import publishing, staging
from vla.demonstrations import generate

out = Path(sys.argv[1])
PLACES = {"keeping": (staging.Staging, "add"), "publishing": (publishing, "seal"), "naming": (os, "replace"),
          "clearing": (staging.Staging, "clear")}

def die_in(where, calls):
    room, name = PLACES[where]
    real = getattr(room, name)
    def dying(*given):
        nonlocal calls
        if where == "naming" and Path(given[1]) != out:
            return real(*given)
        calls -= 1
        if calls < 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(*given)
    setattr(room, name, dying)
    generate("reach", 0.0, Split.TRAIN, 5, 4, out, slots=2, threads=1, image_size=16)

for where, calls in (("keeping", 1), ("keeping", 1), ("publishing", 2), ("naming", 0), ("clearing", 0)):
    child = os.fork()
    if not child:
        die_in(where, calls)
        os._exit(0)
    assert os.waitpid(child, 0)[1] == signal.SIGKILL, where
    assert (out / "meta" / "gradatim.json").exists() == (where == "clearing"), "half a dataset under its name"
"""


def test_a_generation_that_is_killed_anywhere_loses_and_doubles_nothing(tmp_path):
    whole, out = generated(tmp_path / "whole"), tmp_path / "cut"
    done = subprocess.run([sys.executable, "-c", KILLED, out], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    last = generated(out)
    assert (last.played, last.kept) == (0, 4)
    assert contents(out) == contents(whole.folder)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cut", "whole"]


def test_complete_demonstrations_are_not_played_again(tmp_path):
    first, second = generated(tmp_path / "data"), generated(tmp_path / "data")
    assert (first.played, second.played) == (4, 0)
    assert (second.kept, second.frames, second.rate) == (first.kept, first.frames, 1.0)
    with pytest.raises(UserError, match="holds another dataset .*count 4 instead of 5"):
        generated(tmp_path / "data", count=5)
    with pytest.raises(UserError, match="holds another dataset .*level 0.0 instead of pool"):
        generated(tmp_path / "data", level=POOL)


def test_a_folder_in_the_way_is_left_alone(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "thesis.txt").write_text("mine")
    with pytest.raises(UserError, match="in the way"):
        generated(tmp_path / "data")
    assert (tmp_path / "data" / "thesis.txt").read_text() == "mine"


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
    for column in all_columns(Contract(image_size=SIZE)):
        numbers = getattr(frames, column.name)
        assert numbers.dtype == column.dtype and numbers.shape == (frames.frames, *column.shape)
    assert frames.success[frames.bounds[1:] - 1].all() and not frames.success[frames.bounds[:-1]].any()


def test_scales_weigh_every_cell_alike(demonstrations):
    short, long = demonstrations[Cell("reach")], demonstrations[Cell("stack-two")]
    both = Normalisation.of([short, long])
    assert both == Normalisation.of([long, short])
    means = [frames.state[:, :3].mean(0, dtype=np.float64) for frames in (short, long)]
    assert np.allclose(both.state_mean[:3], np.mean(means, axis=0), atol=1e-6)
    spread = np.maximum(short.state[:, :3].std(0), STATE_FLOOR)
    assert np.allclose(Normalisation.of([short]).state_scale[:3], spread, rtol=1e-3)
    assert min(both.state_scale) > 0 and min(both.motion_scale) > 0
    assert Normalisation.from_json(both.to_json()) == both


def test_scales_of_nothing_are_refused():
    with pytest.raises(UserError, match="at least one cell"):
        Normalisation.of([])
