"""Words to numbers: a vocabulary of whole words, taken from what the registered tiers can say."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from envs.errors import UserError, unknown
from envs.language import split_words

MAX_WORDS = 64  # longest instruction
PADDING = 0  # the number of no word
UNKNOWN = 1  # the number of every word that is not in the vocabulary, where such words are allowed


@dataclass(frozen=True)
class Vocabulary:
    """The words a policy knows, each with a number above that of the unknown word."""

    words: tuple[str, ...]
    _numbers: dict[str, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_numbers", {word: number for number, word in enumerate(self.words, UNKNOWN + 1)})

    @classmethod
    def of(cls, words: Iterable[str]) -> "Vocabulary":
        return cls(tuple(sorted(set(words))))

    def __len__(self) -> int:
        """Numbers in use, those of padding and of the unknown word included."""
        return len(self.words) + UNKNOWN + 1

    def encode(self, text: str, allow_unknown: bool = False) -> NDArray[np.int16]:
        """Word numbers (MAX_WORDS,), padded behind; the empty text, by which nothing is said, is padding alone.

        A word that is not known becomes UNKNOWN if that is allowed, and is a `UserError` if not."""
        words = split_words(text)
        if len(words) > MAX_WORDS or (text and not words):
            raise UserError(f"An instruction has 1 to {MAX_WORDS} words; this one has {len(words)}: '{text}'.")
        row = np.full(MAX_WORDS, PADDING, np.int16)
        for i, word in enumerate(words):
            if word not in self._numbers and not allow_unknown:
                raise unknown("word in this policy's vocabulary", word, self.words)
            row[i] = self._numbers.get(word, UNKNOWN)
        return row

    def encode_all(self, texts: Sequence[str]) -> NDArray[np.int16]:
        """Word numbers (len(texts), MAX_WORDS); every word must be known."""
        distinct = {text: self.encode(text) for text in dict.fromkeys(texts)}
        return np.stack([distinct[text] for text in texts]) if texts else np.zeros((0, MAX_WORDS), np.int16)
