"""The other way round: from a noun phrase and a scene to the things that it fits.

This reads the text alone and shares nothing with what wrote it but the lists of words, so that each checks the other.
Comparisons are strict: no margins.
"""

from collections.abc import Callable

from envs.colours import COLOURS
from envs.errors import UserError, unknown
from envs.language import lexicon
from envs.language.lexicon import BLOCK, PAD, noun_words, split_words
from envs.language.phrases import Instruction, Sentence
from envs.layouts import FLAT, Layout
from envs.scene import Handle
from envs.shapes import SHAPES

Measure = Callable[[Layout, Handle], float]


def _volume(layout: Layout, thing: Handle) -> float:
    length, width, height = layout.half[thing]
    return float(length * width * height)


def _x(layout: Layout, thing: Handle) -> float:
    return float(layout.position[thing, 0])


def _y(layout: Layout, thing: Handle) -> float:
    return float(layout.position[thing, 1])


def _from_base(layout: Layout, thing: Handle) -> float:
    return abs(complex(_x(layout, thing), _y(layout, thing)))


MOST: dict[str, Measure] = {
    lexicon.FARTHEST: _from_base,
    lexicon.RIGHTMOST: _y,
    **dict.fromkeys(lexicon.LARGE, _volume),
}
LEAST: dict[str, Measure] = {
    lexicon.NEAREST: _from_base,
    lexicon.LEFTMOST: _y,
    **dict.fromkeys(lexicon.SMALL, _volume),
}
MORE: dict[str, Measure] = {lexicon.RIGHT: _y, lexicon.BEFORE: _x}
LESS: dict[str, Measure] = {lexicon.LEFT: _y, lexicon.BEHIND: _x}


def resolve(phrase: str, layout: Layout) -> frozenset[Handle]:
    """The handles of the present things that a noun phrase fits. Raises `UserError` for what it cannot read."""
    words = split_words(phrase)
    for word in words:
        if word not in noun_words():
            raise unknown("word of noun phrases", word, sorted(noun_words()))
    kinds = [place for place, word in enumerate(words) if word in (BLOCK, PAD, *SHAPES)]
    end = kinds[0] + 1 if kinds else 0
    if words[:1] != ["the"] or not kinds or not {*words[1 : end - 1]} <= {*COLOURS, *MOST, *LEAST}:
        raise UserError(f"'{phrase}' is no noun phrase such as 'the large red block' or 'the pad left of the cube'.")
    fits = {h for h, there in enumerate(layout.present) if there and _is(layout, h, words[end - 1])}
    before, behind = words[1 : end - 1], " ".join(words[end:])
    for colour in set(before) & set(COLOURS):
        fits = {h for h in fits if layout.colours[h] == colour}
    if behind:
        fits = _related(behind, fits, layout)
    for word in before:
        if word in MOST | LEAST and fits:
            measure, best = (MOST[word], max) if word in MOST else (LEAST[word], min)
            extreme = best(measure(layout, h) for h in fits)
            fits = {h for h in fits if measure(layout, h) == extreme}
    return frozenset(fits)


def _is(layout: Layout, thing: Handle, kind: str) -> bool:
    shape = layout.shapes[thing]
    return shape == kind or kind == (PAD if shape == FLAT else BLOCK)


def _related(text: str, things: set[Handle], layout: Layout) -> set[Handle]:
    """Those of `things` that stand as `text` says, such as "left of the red pad"."""
    for relation, measure in (MORE | LESS).items():
        if text.startswith(f"{relation} the "):
            sign = 1 if relation in MORE else -1
            anchors = [measure(layout, h) for h in resolve(text.removeprefix(relation), layout)]
            return {h for h in things if any(sign * measure(layout, h) > sign * anchor for anchor in anchors)}
    raise unknown("relation", text, [*MORE, *LESS])


def unclear(instruction: Instruction, sentence: Sentence, layout: Layout) -> list[str]:
    """The noun phrases of an instruction that do not fit exactly the thing that is meant."""
    return [noun for slot, noun in instruction.slots if resolve(noun, layout) != {sentence.things[slot]}]
