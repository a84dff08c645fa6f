"""Instructions: templates with slots, and the noun phrases that fill them.

A tier owns its templates; this module renders each slot as a whole noun phrase for a thing in the scene, so a tier says
nothing about colours. The first template is the canonical one.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from string import Formatter

from envs.colours import COLOURS
from envs.errors import UserError
from envs.layouts import FLAT, Layout
from envs.scene import Handle
from envs.shapes import CUBE, SHAPES

CATEGORY_WORDS = {"block": "block", "pad": "pad"}
WORD = re.compile(r"[a-z0-9'-]+")


@dataclass(frozen=True)
class Instruction:
    """What the policy is told: the text, which template it came from, and the noun phrase in each slot."""

    text: str
    template: int
    slots: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Sentence:
    """A tier's templates with a thing for each slot, before it is put into words."""

    phrases: "Phrases"
    things: Mapping[str, Handle]

    def say(self, nouns: Sequence[str], template: int = 0) -> Instruction:
        """The instruction, given the noun phrase of every thing by handle."""
        slots = {slot: nouns[handle] for slot, handle in self.things.items()}
        return Instruction(self.phrases.templates[template].format(**slots), template, tuple(slots.items()))


class Phrases:
    """The ways in which a tier's instruction can be said."""

    def __init__(self, *templates: str) -> None:
        if not templates:
            raise UserError("A tier needs at least one phrase.")
        slots = {frozenset(name for _, name, _, _ in Formatter().parse(t) if name) for t in templates}
        if len(slots) != 1:
            raise UserError(f"All phrases of a tier must name the same slots; these differ: {templates}.")
        self.templates = templates
        self.slots = slots.pop()

    def about(self, **things: Handle) -> Sentence:
        """Bind each slot to a thing: `PHRASES.about(a=block, b=pad)`."""
        if set(things) != self.slots:
            raise UserError(f"The phrase '{self.templates[0]}' has slots {sorted(self.slots)}, not {sorted(things)}.")
        return Sentence(self, things)

    def words(self) -> set[str]:
        """Every word of the templates, slots left out."""
        blank = {slot: "" for slot in self.slots}
        return {word for template in self.templates for word in split_words(template.format(**blank))}


def split_words(text: str) -> list[str]:
    """The words of a text, lower case."""
    return WORD.findall(text.lower())


def nouns(layout: Layout) -> list[str]:
    """The noun phrase of each thing: its colour, and its shape where another block has that colour."""
    said = []
    for colour, shape in zip(layout.colours, layout.shapes, strict=True):
        if shape == FLAT:
            said.append(f"the {colour} pad")
        else:
            said.append(f"the {colour} {'block' if shape == CUBE else shape}")
    return said


def noun_words() -> set[str]:
    """Every word that a noun phrase can hold."""
    return {"the", *COLOURS, *SHAPES, *CATEGORY_WORDS.values()}
