"""Words to numbers."""

import numpy as np
import pytest

from envs import UserError, words
from vla.tokens import MAX_WORDS, PADDING, Vocabulary


def test_every_word_has_its_own_number_and_padding_has_another():
    vocabulary = Vocabulary.of(["stack", "the", "red", "block"])
    row = vocabulary.encode("Stack the red block.")
    assert len(set(row[:4].tolist())) == 4
    assert PADDING not in row[:4]
    assert (row[4:] == PADDING).all() and len(row) == MAX_WORDS


def test_an_unknown_word_is_named_with_the_nearest_one():
    with pytest.raises(UserError, match="'bleu'.*Did you mean 'blue'"):
        Vocabulary.of(words()).encode("stack the bleu block on the red block")


@pytest.mark.parametrize("text", ["", "  .", "red " * (MAX_WORDS + 1)])
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
