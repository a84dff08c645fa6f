"""What things are called is true of them alone: read back by a resolver that shares nothing with what wrote it."""

from dataclasses import replace

import numpy as np
import pytest

from envs import Episode, Objects, Phrases, Split, UserError, tiers
from envs.cameras import optics
from envs.language import lexicon, resolve, split_words, unclear
from envs.language.nouns import plain_noun, present
from envs.language.referring import draw_noun, expressions
from envs.layouts import FLAT, Layout
from envs.levels import data_level
from envs.situations import situation
from envs.spaces import CAMERAS
from envs.tier import Tier

LEVELS = (0.0, 0.3, 0.5, 0.8, 1.0)
SLICES = (Split.TEST_PHRASES, Split.TEST_PAIRS, Split.TEST_WORDS)


@pytest.fixture(params=tiers.names())
def tier(request: pytest.FixtureRequest) -> Tier:
    return tiers[request.param]


def table(*things: tuple[str, str, float, float], blocks: int, pads: int = 0, size: float = 0.02) -> Layout:
    """A hand-made scene of things (colour, shape, x, y) in the order of handles."""
    n = len(things)
    flat = np.array([shape == FLAT for _, shape, _, _ in things])
    half = np.where(flat[:, None], [0.05, 0.05, 0.0], size)
    return Layout(
        objects=Objects(blocks, pads, distractors=n - blocks - pads),
        present=np.ones(n, bool),
        colours=tuple(colour for colour, _, _, _ in things),
        shapes=tuple(shape for _, shape, _, _ in things),
        position=np.array([[x, y, h] for (_, _, x, y), h in zip(things, half[:, 2], strict=True)]),
        yaw=np.zeros(n),
        half=half,
        mass=np.full(n, 0.06),
        friction=np.ones(n),
    )


def told(layout: Layout, thing: int) -> set[str]:
    return {phrase for found in expressions(layout, thing).values() for phrase in found}


def test_every_slot_of_every_instruction_fits_its_thing_alone(tier):
    for level in LEVELS:
        for split in (Split.TRAIN, Split.TEST, *SLICES):
            if split is Split.TEST_PAIRS and level < 0.5:
                continue  # no held-out pair occurs there
            for index in range(25 if split is Split.TRAIN else 8):
                one = situation(tier, Episode(tier.name, level, split, index))
                assert unclear(one.instruction, one.goal.sentence, one.layout) == [], one.instruction


def test_every_expression_for_everything_on_the_table_fits_that_alone(tier):
    for index in range(20):
        layout = situation(tier, Episode(tier.name, 1.0, Split.TRAIN, index)).layout
        for thing in present(layout):
            for phrase in told(layout, thing):
                assert resolve(phrase, layout) == {thing}, phrase


def test_no_referring_expression_is_heard_up_to_medium(tier):
    for index in range(30):
        for _, noun in situation(tier, Episode(tier.name, 0.5, Split.TRAIN, index)).instruction.slots:
            assert len(split_words(noun)) == 3 and split_words(noun)[1] not in {*lexicon.PLACES, *lexicon.LARGE}


def test_half_of_the_things_at_hard_must_be_looked_for_and_every_kind_occurs():
    plain, kinds, rng = 0, set(), np.random.default_rng(0)
    level = data_level(1.0)
    layouts = [situation(tiers["stack-two"], Episode("stack-two", 1.0, Split.TRAIN, i)).layout for i in range(200)]
    for layout in layouts:
        noun = draw_noun(layout, 0, level, rng)
        found = {phrase: kind for kind, phrases in expressions(layout, 0).items() for phrase in phrases}
        plain += noun not in found
        kinds.add(found.get(noun))
    assert 80 < plain < 120
    assert kinds == {None, "what", "size", "place", "relation"}


def test_a_colour_that_two_blocks_share_never_stands_alone():
    layout = table(("red", "cube", 0.5, -0.1), ("red", "prism", 0.5, 0.1), ("red", FLAT, 0.4, 0.0), blocks=2, pads=1)
    assert [plain_noun(layout, h) for h in range(3)] == ["the red cube", "the red prism", "the red pad"]
    assert resolve("the red block", layout) == {0, 1}
    assert "the red block" not in told(layout, 0) | told(layout, 1)
    assert "the leftmost red block" in told(layout, 0) and "the rightmost red block" in told(layout, 1)


def test_the_shape_is_sometimes_told_without_need_where_shapes_vary():
    layout = table(("red", "cube", 0.5, -0.1), ("blue", "prism", 0.5, 0.1), blocks=2)
    rng = np.random.default_rng(0)
    said = [draw_noun(layout, 1, replace(data_level(0.5), referring=0.0), rng) for _ in range(200)]
    assert set(said) == {"the blue block", "the blue prism"} and 30 < said.count("the blue prism") < 70
    assert {draw_noun(layout, 1, data_level(0.0), rng) for _ in range(50)} == {"the blue block"}


def test_sides_are_those_of_the_front_camera_s_picture(tier):
    """Left is left in the picture, and in front is lower in it, wherever the camera of that episode stands."""
    camera, checked = optics.camera("front"), 0
    front = CAMERAS.index("front")
    for index in range(25):
        one = situation(tier, Episode(tier.name, 1.0, Split.DEV, index))
        layout = one.layout
        eye, axes = optics.mounted(camera, one.look.shift[[front]], one.look.turn[[front]])
        ground = np.where(layout.present[:, None], layout.position * [1, 1, 0], [0.5, 0.0, 0.0])
        seen = optics.project(camera, eye, axes, ground[None])[0][0]  # (things, 2) right, down
        toward = {"left of": (0, -1), "right of": (0, 1), "behind": (1, -1), "in front of": (1, 1)}
        for thing in present(layout):
            for phrase in expressions(layout, thing)["relation"]:
                relation = next(words for words in toward if words in phrase)
                (other,) = resolve(phrase.partition(relation)[2], layout)
                axis, sign = toward[relation]
                assert sign * (seen[thing, axis] - seen[other, axis]) > 0.01, phrase
                checked += 1
            for phrase in expressions(layout, thing)["place"]:
                sign = {"leftmost": -1, "rightmost": 1}.get(split_words(phrase)[1])
                rivals = resolve(" ".join(["the", *split_words(phrase)[2:]]), layout) - {thing}
                assert rivals
                if sign:
                    assert all(sign * (seen[thing, 0] - seen[rival, 0]) > 0.01 for rival in rivals), phrase
    assert checked > 10


def test_near_is_near_to_the_robot():
    layout = table(("red", "cube", 0.4, 0.0), ("blue", "cube", 0.6, 0.0), blocks=2)
    assert "the nearest block" in told(layout, 0) and "the farthest block" in told(layout, 1)
    assert "the block behind the blue block" in told(layout, 0)
    assert "the block in front of the red block" in told(layout, 1)


def test_nothing_is_told_apart_by_a_hair():
    """Blocks 4 cm apart along each axis, one a tenth larger: only colours are left."""
    layout = table(("red", "cube", 0.5, 0.0), ("blue", "cube", 0.54, 0.04), blocks=2)
    layout.half[1] *= 1.1
    assert told(layout, 0) == told(layout, 1) == set()
    layout.half[1] *= 1.1
    layout.position[1, 1] = 0.09
    assert told(layout, 1) == {
        f"the {which}"
        for noun in ("block", "cube")
        for which in (f"large {noun}", f"largest {noun}", f"rightmost {noun}", f"{noun} right of the red block")
    }


def test_a_rival_beside_the_line_forbids_a_relation():
    """The red block is left of the pad; so, by a little, is the blue one."""
    pad = ("green", FLAT, 0.5, 0.05)
    layout = table(("red", "cube", 0.5, -0.1), ("blue", "cube", 0.6, 0.03), pad, blocks=2, pads=1)
    assert not any("left of the green pad" in phrase for phrase in told(layout, 0))
    layout.position[1, 1] = 0.2
    assert "the block left of the green pad" in told(layout, 0)


def test_what_stands_more_in_front_than_aside_is_not_called_aside():
    layout = table(("red", "cube", 0.6, -0.07), ("blue", "cube", 0.45, 0.0), blocks=2)
    assert "the block in front of the blue block" in told(layout, 0)
    assert not any("left of" in phrase for phrase in told(layout, 0))


def test_distractors_count_and_those_that_are_not_there_do_not():
    layout = table(("red", "cube", 0.5, -0.1), ("blue", "prism", 0.5, 0.0), ("green", "cube", 0.5, 0.1), blocks=2)
    assert resolve("the cube", layout) == {0, 2} and resolve("the rightmost block", layout) == {2}
    assert "the cube" not in told(layout, 0)
    layout.present[2] = False
    layout.position[2] = (10.0, 0.0, -12.0)
    assert resolve("the cube", layout) == {0} and resolve("the farthest block", layout) != {2}
    assert "the cube" in told(layout, 0) and "the rightmost block" in told(layout, 1)
    assert resolve("the green block", layout) == set()


def test_blocks_of_one_stack_are_not_told_apart_by_place():
    layout = table(("red", "cube", 0.5, -0.1), ("blue", "cube", 0.5, 0.1), ("green", FLAT, 0.5, 0.0), blocks=2, pads=1)
    stack = layout.stacked([(0, 1)])
    assert told(stack, 0) == told(stack, 1) == set()
    assert told(stack, 2) == {"the pad"}


@pytest.mark.parametrize(
    ("phrase", "fits"),
    [
        ("the block", {0, 1, 2}),
        ("the cube", {0, 2}),
        ("the red block", {0, 1}),
        ("the small red block", {1}),
        ("the largest block", {2}),
        ("the red block left of the blue cube", {0, 1}),
        ("the red cube left of the red cylinder", {0}),
        ("the block left of the red pad", {0}),
        ("the block right of the red block", {1, 2}),
        ("the nearest block", {0}),
        ("the farthest cube", {2}),
        ("the pad", {3}),
        ("the green pad", set()),
        ("the pad behind the farthest block", {3}),
        ("the nearest block in front of the pad", {1}),
    ],
)
def test_the_resolver_reads_words(phrase, fits):
    layout = table(("red", "cube", 0.41, -0.1), ("red", "cylinder", 0.5, 0.1), ("blue", "cube", 0.6, 0.15),
                   ("red", FLAT, 0.45, 0.0), blocks=3, pads=1)  # fmt: skip
    layout.half[:3] *= np.array([[1.0], [0.8], [1.2]])
    assert resolve(phrase, layout) == fits


@pytest.mark.parametrize(
    "phrase", ["the rad block", "red block", "the of block", "the block beside the pad", "the block by", "the", ""]
)
def test_the_resolver_refuses_what_it_cannot_read(phrase):
    layout = table(("red", "cube", 0.4, -0.1), ("red", FLAT, 0.45, 0.0), blocks=1, pads=1)
    with pytest.raises(UserError):
        resolve(phrase, layout)


@pytest.mark.parametrize("noun", ["the block", "the nearest block", "the green block"])
def test_a_noun_that_fits_several_things_or_another_or_none_is_unclear(noun):
    layout = table(("red", "cube", 0.5, -0.1), ("blue", "prism", 0.4, 0.1), blocks=2)
    sentence = Phrases("reach {a}").about(a=0)
    assert unclear(sentence.say("canonical", {"a": noun}), sentence, layout) == [noun]
    assert unclear(sentence.say("canonical", {"a": "the red block"}), sentence, layout) == []


def test_what_a_tier_must_not_say_is_found():
    """A task that asks for a distractor which this episode does not use has an instruction that fits nothing."""
    one = situation(tiers["reach"], Episode("reach", 0.0, Split.TRAIN, 0))
    noun = one.instruction.slots[0][1]
    assert unclear(one.instruction, one.goal.sentence, one.layout) == []
    one.layout.present[one.goal.sentence.things["a"]] = False
    assert unclear(one.instruction, one.goal.sentence, one.layout) == [noun]
