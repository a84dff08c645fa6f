"""The controls of an evaluation: a wrong instruction, and none."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from benchmarks import console
from benchmarks.films import film
from envs import Episode, Expert, Objects, Phrases, Play, Split, UserError, Zero, pick, place_on, play, reach, tiers
from envs.controls import name_told, wrong_sentence
from envs.language import resolve
from envs.layouts import draw
from envs.levels import data_level
from envs.plans import Goal
from envs.situations import Situation, situation
from envs.tier import Tier


@pytest.fixture(params=tiers.names())
def tier(request: pytest.FixtureRequest) -> Tier:
    return tiers[request.param]


def pair(tier: Tier, level: float, index: int, split: Split = Split.TEST) -> tuple[Situation, Situation]:
    """An episode with its right and with its wrong instruction."""
    episode = Episode(tier.name, level, split, index)
    return situation(tier, episode), situation(tier, episode, "wrong")


@pytest.mark.parametrize("level", [0.0, 0.5, 1.0])
def test_a_wrong_instruction_names_other_things_of_the_same_scene(tier, level):
    for index in range(15):
        right, wrong = pair(tier, level, index)
        assert np.array_equal(right.layout.position, wrong.layout.position) and right.goal == wrong.goal
        assert right.instruction.template == wrong.instruction.template
        named = {slot: resolve(noun, wrong.layout) for slot, noun in wrong.instruction.slots}
        assert all(len(fits) == 1 for fits in named.values())
        assert named != {slot: {thing} for slot, thing in right.goal.sentence.things.items()}
        for slot, (thing,) in named.items():
            assert (thing in wrong.layout.objects.handles("pad")) == ("pad" in slot or slot == "zone")


def test_a_wrong_instruction_is_not_the_right_one_in_another_order():
    """Which of the two blocks is sorted first makes no difference: the wrong pads do."""
    for index in range(20):
        right, wrong = pair(tiers["sort-two"], 0.0, index)
        slots = dict(wrong.instruction.slots)
        named = {slot: resolve(noun, wrong.layout) for slot, noun in slots.items()}
        asked = {(named["a"], named["pad_a"]), (named["b"], named["pad_b"])}
        things = right.goal.sentence.things
        assert asked != {(frozenset({things[x]}), frozenset({things[f"pad_{x}"]})) for x in "ab"}


def test_a_wrong_instruction_is_a_function_of_its_episode(tier):
    texts = [pair(tier, 1.0, index)[1].instruction.text for index in range(8)]
    assert texts == [pair(tier, 1.0, index)[1].instruction.text for index in range(8)]
    assert len(set(texts)) > 3


def test_wrong_instructions_of_a_slice_are_of_that_slice(tier):
    _, wrong = pair(tier, 1.0, 0, Split.TEST_PHRASES)
    assert wrong.instruction.template.startswith("held_out")


def test_a_wrong_instruction_differs_in_what_it_says_not_in_what_it_leaves_unsaid():
    """Of a plan that also moves a block which the words do not name."""
    layout = draw(Objects(blocks=3, pads=1), data_level(0.0), np.random.default_rng(0))
    goal = Goal(Phrases("poke {a}").about(a=0), plan=(pick(1), place_on(1, 3), reach(0)))
    assert {wrong_sentence(goal, layout, np.random.default_rng(seed)).things["a"] for seed in range(20)} == {1, 2}


def test_a_scene_without_another_goal_has_no_wrong_instruction():
    layout = draw(Objects(blocks=1), data_level(0.0), np.random.default_rng(0))
    goal = Goal(Phrases("poke {a}").about(a=0), plan=(reach(0),))
    with pytest.raises(UserError, match="'poke {a}' holds no other goal"):
        wrong_sentence(goal, layout, np.random.default_rng(0))


def test_an_unknown_kind_of_instruction_is_refused():
    with pytest.raises(UserError, match="no kind of instruction named 'rong'.*Did you mean 'wrong'"):
        Play(told="rong")


@pytest.mark.parametrize("told", ["blank", "wrong"])
def test_what_is_asked_stays_the_same_whatever_is_told(told):
    """The expert follows the plan and not the words, so that it succeeds; outcomes tell what was told."""
    episodes = [Episode("reach", 0.0, Split.TEST, index) for index in range(4)]
    made = [o for t in play(Expert(), episodes, Play(threads=1, image_size=1, told=told)) for o in t.ended if o]
    assert all(o.success_at_end for o in made)
    assert {o.actor for o in made} == {f"expert-told-{told}"}
    right = [situation(tiers["reach"], episode).instruction.text for episode in episodes]
    said = [o.instruction for o in sorted(made, key=lambda o: o.episode.index)]
    assert said == [""] * 4 if told == "blank" else all(a != b for a, b in zip(said, right, strict=True))


def test_a_slice_is_played_with_its_own_phrases():
    episodes = [Episode("reach", 0.0, Split.TEST_WORDS, 0)]
    (told,) = {tick.instructions[0] for tick in play(Zero(), episodes, Play(threads=1, image_size=1))}
    assert told == situation(tiers["reach"], episodes[0]).instruction.text


def test_outcomes_of_two_kinds_of_instruction_lie_in_two_tables(tmp_path):
    arguments = ["evaluate", "--actor", "zero", "--tiers", "reach", "--episodes", "2", "--threads", "1"]
    for told in ("right", "wrong"):
        assert console.main([*arguments, "--instruction", told, "--out", str(tmp_path)]) == 0
    tables = {path.name: pd.read_csv(path) for path in tmp_path.iterdir()}
    assert set(tables) == {"outcomes.csv", "outcomes-told-wrong.csv"}
    assert set(tables["outcomes-told-wrong.csv"]["arm"]) == {"zero-told-wrong"}
    right, wrong = (set(table["instruction"]) for table in tables.values())
    assert right != wrong


def test_films_of_two_kinds_of_instruction_have_two_names(tmp_path):
    episode = Episode("reach", 0.0, Split.DEV, 0)
    paths: list[Path] = []
    for told in ("right", "blank"):
        paths += [made.path for made in film(Zero(), [episode], tmp_path, threads=1, size=96, told=told)]
    assert [path.name for path in paths] == [
        "reach-easy-dev-000000-zero.mp4",
        "reach-easy-dev-000000-zero-told-blank.mp4",
    ]
    assert name_told("zero", "right") == "zero"
