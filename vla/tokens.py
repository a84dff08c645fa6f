"""Words to numbers: a vocabulary of whole words, taken from what the registered tiers can say."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from envs.errors import UserError, unknown

MAX_WORDS = 48  # longest instruction
PADDING = 0  # the number of no word
_WORD = re.compile(r"[a-z0-9]+(?:[-'][a-z0-9]+)*")


def split_words(text: str) -> list[str]:
    """The words of a text in lower case, without punctuation."""
    return _WORD.findall(text.lower())


@dataclass(frozen=True)
class Vocabulary:
    """The words a policy knows; word i of `words` has number i + 1."""

    words: tuple[str, ...]
    _numbers: dict[str, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_numbers", {word: i + 1 for i, word in enumerate(self.words)})

    @classmethod
    def of(cls, words: Iterable[str]) -> "Vocabulary":
        return cls(tuple(sorted(set(words))))

    def __len__(self) -> int:
        """Numbers in use, padding included."""
        return len(self.words) + 1

    def encode(self, text: str) -> NDArray[np.int16]:
        """Word numbers (MAX_WORDS,), padded behind; raises `UserError` for a word that is not known."""
        words = split_words(text)
        if not 0 < len(words) <= MAX_WORDS:
            raise UserError(f"An instruction has 1 to {MAX_WORDS} words; this one has {len(words)}: '{text}'.")
        row = np.full(MAX_WORDS, PADDING, np.int16)
        for i, word in enumerate(words):
            if word not in self._numbers:
                raise unknown("word in this policy's vocabulary", word, self.words)
            row[i] = self._numbers[word]
        return row

    def encode_all(self, texts: Sequence[str]) -> NDArray[np.int16]:
        """Word numbers (len(texts), MAX_WORDS)."""
        distinct = {text: self.encode(text) for text in dict.fromkeys(texts)}
        return np.stack([distinct[text] for text in texts]) if texts else np.zeros((0, MAX_WORDS), np.int16)
