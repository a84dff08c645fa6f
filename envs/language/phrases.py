"""A tier's phrases: the ways in which its instruction can be said, with a slot for each thing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from string import Formatter

import numpy as np

from envs.episodes import Split
from envs.errors import UserError
from envs.language.lexicon import split_words
from envs.scene import Handle


@dataclass(frozen=True)
class Instruction:
    """What the policy is told: the text, which template it came from (the list and the number in it, such as
    "paraphrase 3"), and the noun phrase in each slot."""

    text: str
    template: str
    slots: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Sentence:
    """A tier's templates with a thing for each slot, before it is put into words."""

    phrases: "Phrases"
    things: Mapping[str, Handle]

    def say(self, template: str, nouns: Mapping[str, str]) -> Instruction:
        """The instruction in the words of a template, given the noun phrase of each slot."""
        return Instruction(self.phrases.templates[template].format(**nouns), template, tuple(nouns.items()))


class Phrases:
    """The canonical template, paraphrases of it for training, and two lists that training never sees: `held_out` says
    it in words that other templates use, `new_words` in words that none does."""

    def __init__(
        self, canonical: str, *paraphrases: str, held_out: Sequence[str] = (), new_words: Sequence[str] = ()
    ) -> None:
        if isinstance(held_out, str) or isinstance(new_words, str):
            raise UserError(f"The held-out phrases beside '{canonical}' are to be a tuple of texts, not one text.")
        self.canonical, self.paraphrases = canonical, paraphrases
        self.held_out, self.new_words = tuple(held_out), tuple(new_words)
        self.templates: dict[str, str] = {"canonical": canonical}
        for source in ("paraphrases", "held_out", "new_words"):
            listed = enumerate(getattr(self, source), start=1)
            self.templates |= {f"{source} {number}": template for number, template in listed}
        self.slots = _slots(canonical)
        for template in self.templates.values():
            if _slots(template) != self.slots:
                raise UserError(f"Phrases of a tier must name the same slots: '{canonical}' and '{template}' differ.")
        if len(set(self.templates.values())) < len(self.templates):
            raise UserError(f"A phrase is there twice beside '{canonical}'; each is to be another.")

    @property
    def heard(self) -> tuple[str, ...]:
        """The templates that occur in training."""
        return (self.canonical, *self.paraphrases)

    def about(self, **things: Handle) -> Sentence:
        """Bind each slot to a thing: `PHRASES.about(a=block, b=pad)`."""
        if set(things) != self.slots:
            raise UserError(f"The phrase '{self.canonical}' has slots {sorted(self.slots)}, not {sorted(things)}.")
        return Sentence(self, things)

    def draw(self, split: Split, paraphrased: float, rng: np.random.Generator) -> str:
        """The key of a template: one of the split's own list, or a paraphrase with the chance `paraphrased`."""
        own = {Split.TEST_PHRASES: "held_out", Split.TEST_WORDS: "new_words"}
        source = own.get(split, "paraphrases")
        listed = getattr(self, source)
        if split in own and not listed:
            raise UserError(
                f"There is no episode of {split.value} for a tier whose only phrases are like '{self.canonical}':"
                f" give its `Phrases` some with `{source}=`."
            )
        if split not in own and (rng.random() >= paraphrased or not listed):
            return "canonical"
        return f"{source} {rng.integers(len(listed)) + 1}"

    def words(self) -> set[str]:
        """Every word of the templates that occur in training, slots left out."""
        return {word for template in self.heard for word in split_words(without_slots(template))}


def without_slots(template: str) -> str:
    """A template with a gap in place of each slot."""
    return template.format(**dict.fromkeys(_slots(template), "_"))


def _slots(template: str) -> frozenset[str]:
    """The slots that a template names."""
    try:
        named = frozenset(name for _, name, _, _ in Formatter().parse(template) if name is not None)
    except ValueError as error:
        raise UserError(f"The phrase '{template}' cannot be read: {error}.") from None
    if not named or not all(name.isidentifier() for name in named):
        raise UserError(f"The phrase '{template}' must name its slots, such as {{a}}.")
    return named
