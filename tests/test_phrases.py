"""The ways in which an instruction is said: enough of them, and what is held out is nowhere else."""

from collections import Counter
from itertools import product

import pytest

from envs import Episode, Phrases, Split, UserError, tiers, words
from envs.language import noun_words, split_words
from envs.language.phrases import without_slots
from envs.layouts import HELD_OUT
from envs.situations import Situation, situation
from envs.tier import Tier

EVERYDAY = (Split.TRAIN, Split.GATE, Split.DEV, Split.TEST)
HEARD = {word for tier in tiers for word in tier.task.phrases.words()}


@pytest.fixture(params=tiers.names())
def tier(request: pytest.FixtureRequest) -> Tier:
    return tiers[request.param]


def drawn(tier: Tier, level: float, split: Split, count: int) -> list[Situation]:
    return [situation(tier, Episode(tier.name, level, split, index)) for index in range(count)]


def test_each_tier_is_said_in_many_ways(tier):
    phrases = tier.task.phrases
    assert len(phrases.paraphrases) >= 8 and len(phrases.held_out) >= 2 and len(phrases.new_words) >= 2
    openings = {template.split()[0] for template in phrases.heard}
    assert len(openings) >= 5, "the paraphrases are to differ in how they are built"


def test_a_held_out_phrase_says_in_known_words_what_no_tier_says_so(tier):
    said = {without_slots(template) for other in tiers for template in other.task.phrases.heard}
    for template in tier.task.phrases.held_out:
        assert without_slots(template) not in said, template
        assert set(split_words(without_slots(template))) <= HEARD, template


def test_a_phrase_of_new_words_has_one_that_is_heard_nowhere(tier):
    for template in tier.task.phrases.new_words:
        assert set(split_words(without_slots(template))) - HEARD - noun_words(), template


def test_the_vocabulary_is_what_is_heard_in_training():
    assert set(words()) == HEARD | noun_words()


def test_only_the_canonical_phrase_is_heard_at_easy(tier):
    assert {one.instruction.template for one in drawn(tier, 0.0, Split.TRAIN, 20)} == {"canonical"}


def test_paraphrases_have_their_share_and_come_equally_often():
    found = Counter(one.instruction.template for tier in tiers for one in drawn(tier, 0.5, Split.TRAIN, 60))
    assert 0.75 < 1 - found["canonical"] / found.total() < 0.85
    assert set(found) == {"canonical", *(f"paraphrases {n}" for n in range(1, 11))}
    assert min(found.values()) > 20


def test_what_is_held_out_occurs_in_its_own_slice_alone(tier):
    """Phrases, words, and pairs of colour and shape."""
    rare = [f"{colour} {shape}" for colour, shape in HELD_OUT]
    for split, level in product(Split, (0.5, 1.0)):
        for one in drawn(tier, level, split, 20):
            source = one.instruction.template.partition(" ")[0]
            own = {Split.TEST_PHRASES: {"held_out"}, Split.TEST_WORDS: {"new_words"}}
            assert source in own.get(split, {"canonical", "paraphrases"})
            assert (set(split_words(one.instruction.text)) <= set(words())) == (split is not Split.TEST_WORDS)
            pairs = HELD_OUT & set(zip(one.layout.colours, one.layout.shapes, strict=True))
            assert bool(pairs) == (split is Split.TEST_PAIRS)
            assert split is Split.TEST_PAIRS or not any(pair in one.instruction.text for pair in rare)


def test_held_out_pairs_are_asked_for_in_their_slice():
    said = [one.instruction.text for tier in tiers for one in drawn(tier, 1.0, Split.TEST_PAIRS, 40)]
    assert sum(any(f"{c} {shape}" in text for c, shape in HELD_OUT) for text in said) > 10


def test_an_instruction_tells_its_slots_and_its_template(tier):
    for one in drawn(tier, 1.0, Split.TRAIN, 10):
        slots = dict(one.instruction.slots)
        assert set(slots) == set(one.goal.sentence.things)
        assert one.instruction.text == tier.task.phrases.templates[one.instruction.template].format(**slots)


def test_the_words_of_an_episode_change_nothing_else_in_it(tier):
    """Slices differ in seed; but what is said is drawn from a stream of its own."""
    before = situation(tier, Episode(tier.name, 1.0, Split.TRAIN, 3))
    told = situation(tier, Episode(tier.name, 1.0, Split.TRAIN, 3), "blank")
    assert before.goal == told.goal and (before.layout.position == told.layout.position).all()


def test_restack_does_not_give_away_that_a_block_is_in_the_way():
    telling = {"top", "off", "under", "above", "clear", "remove", "first", "other", "then", "after", "free", "unstack"}
    for template in tiers["restack"].task.phrases.templates.values():
        assert not telling & set(split_words(template)), template


def test_a_tier_with_one_phrase_says_that_and_has_no_slices(tier):
    only = Phrases("poke {a}")
    rng = Episode("reach", 1.0, Split.TRAIN, 0).rng("words")
    assert {only.draw(Split.TEST, 1.0, rng) for _ in range(9)} == {"canonical"}
    with pytest.raises(UserError, match="no episode of test-phrases.*poke {a}.*held_out="):
        only.draw(Split.TEST_PHRASES, 1.0, rng)
    with pytest.raises(UserError, match="no episode of test-words.*poke {a}.*new_words="):
        only.draw(Split.TEST_WORDS, 1.0, rng)


@pytest.mark.parametrize(
    ("templates", "held_out", "sentence"),
    [
        (("stack {a} on {b}", "stack {a}"), (), "must name the same slots: 'stack {a} on {b}' and 'stack {a}' differ"),
        (("reach {a}",), ("reach {b}",), "must name the same slots"),
        (("reach {a}", "go to {a}", "go to {a}"), (), "'reach {a}'.*is there twice|is there twice beside 'reach {a}'"),
        (("reach {a",), (), "'reach {a' cannot be read"),
        (("reach {}",), (), "must name its slots"),
        (("reach it",), (), "must name its slots"),
        (("reach {a}",), "go to {a}", "a tuple of texts, not one text"),
    ],
)
def test_a_phrase_that_cannot_be_said_is_told_in_one_sentence(templates, held_out, sentence):
    with pytest.raises(UserError, match=sentence):
        Phrases(*templates, held_out=held_out)


def test_slots_must_all_be_given_a_thing():
    with pytest.raises(UserError, match=r"has slots \['a', 'b'\], not \['a'\]"):
        Phrases("stack {a} on {b}").about(a=0)
