"""Words to numbers."""

import numpy as np
import pytest

from envs import UserError, words
from envs.language import split_words
from envs.tier import tiers
from vla.tokens import MAX_WORDS, PADDING, UNKNOWN, Vocabulary


def test_every_word_has_its_own_number_and_padding_has_another():
    vocabulary = Vocabulary.of(["stack", "the", "red", "block"])
    row = vocabulary.encode("Stack the red block.")
    assert len(set(row[:4].tolist())) == 4
    assert not {PADDING, UNKNOWN} & set(row[:4].tolist())
    assert max(row) < len(vocabulary) == 6
    assert (row[4:] == PADDING).all() and len(row) == MAX_WORDS


def test_an_unknown_word_is_named_with_the_nearest_one():
    with pytest.raises(UserError, match="'bleu'.*Did you mean 'blue'"):
        Vocabulary.of(words()).encode("stack the bleu block on the red block")


def test_an_unknown_word_has_the_number_of_all_unknown_words_only_where_that_is_asked_for():
    row = Vocabulary.of(words()).encode("hoist the wizened block", allow_unknown=True)
    assert row[0] == row[2] == UNKNOWN and not {PADDING, UNKNOWN} & {row[1], row[3]} and (row[4:] == PADDING).all()


def test_nothing_said_is_padding_alone():
    assert (Vocabulary.of(["red"]).encode("") == PADDING).all()


def test_the_longest_instruction_of_every_tier_fits():
    noun = "the purple block in front of the purple cylinder"  # the longest kind of noun phrase
    for tier in tiers:
        for template in tier.task.phrases.templates.values():
            said = template.format(**dict.fromkeys(tier.task.phrases.slots, noun))
            assert len(split_words(said)) <= MAX_WORDS, said


@pytest.mark.parametrize("text", ["  .", "red " * (MAX_WORDS + 1)])
def test_an_instruction_of_no_words_or_of_too_many_is_refused(text):
    with pytest.raises(UserError, match=f"1 to {MAX_WORDS} words"):
        Vocabulary.of(["red"]).encode(text)


def test_the_order_in_which_words_are_given_does_not_matter():
    assert Vocabulary.of(["b", "a", "b"]) == Vocabulary.of(["a", "b"])


def test_many_texts_are_encoded_as_one_is():
    vocabulary = Vocabulary.of(words())
    texts = ["reach the red block", "stack the red block on the blue block", "reach the red block"]
    assert np.array_equal(vocabulary.encode_all(texts), np.stack([vocabulary.encode(text) for text in texts]))
    assert vocabulary.encode_all([]).shape == (0, MAX_WORDS)
