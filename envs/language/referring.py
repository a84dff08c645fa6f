"""Referring expressions: what a thing is called by its shape, size or place, where that is true of it alone.

Margins keep clear of doubt (see `lexicon`): a thing is told apart by what anyone who looks at the scene would see.
"""

from math import sqrt

import numpy as np

from envs.language import lexicon
from envs.language.lexicon import ASIDE, BLOCK, LARGER, NEARER, PAD
from envs.language.nouns import plain_noun, present, rivals
from envs.layouts import FLAT, Layout
from envs.levels import DataLevel
from envs.scene import Handle

SHAPE_TOLD = 0.25  # of plain nouns tell the shape without need, where shapes vary
TOWARDS = {lexicon.LEFT: (1, -1), lexicon.RIGHT: (1, 1), lexicon.BEHIND: (0, -1), lexicon.BEFORE: (0, 1)}
"""Axis of the table and direction along it of each relation."""


def draw_noun(layout: Layout, thing: Handle, level: DataLevel, rng: np.random.Generator) -> str:
    """What a thing is called in one episode: with the chance `level.referring` by a referring expression, if there is
    one, each kind being as likely as the others."""
    if rng.random() < level.referring:
        kinds = [found for found in expressions(layout, thing).values() if found]
        if kinds:
            found = kinds[rng.integers(len(kinds))]
            return found[rng.integers(len(found))]
    return plain_noun(layout, thing, shape_told=level.shapes > 1 and rng.random() < SHAPE_TOLD)


def expressions(layout: Layout, thing: Handle) -> dict[str, list[str]]:
    """Every referring expression that fits this thing and no other, by kind."""
    by_kind: dict[str, list[str]] = {"what": [], "size": [], "place": [], "relation": []}
    for noun, among in _nouns(layout, thing):
        if not among:
            by_kind["what"].append(f"the {noun}")
            continue
        by_kind["size"] += [f"the {size} {noun}" for size in _sizes(layout, thing, among)]
        by_kind["place"] += [f"the {place} {noun}" for place in _places(layout, thing, among)]
        by_kind["relation"] += [f"the {noun} {relation}" for relation in _relations(layout, thing, among)]
    return by_kind


def _nouns(layout: Layout, thing: Handle) -> list[tuple[str, list[Handle]]]:
    """Nouns that fit a thing, each with the others that it fits."""
    among, colour, shape = rivals(layout, thing), layout.colours[thing], layout.shapes[thing]
    if shape == FLAT:
        return [(PAD, among)]
    alike = [h for h in among if layout.colours[h] == colour]
    nouns = [(BLOCK, among), (shape, [h for h in among if layout.shapes[h] == shape])]
    return [*nouns, (f"{colour} {BLOCK}", alike)] if alike else nouns


def _sizes(layout: Layout, thing: Handle, among: list[Handle]) -> tuple[str, ...]:
    mine, theirs = layout.half[thing], layout.half[among]
    if (mine > 0).all() and (mine >= LARGER * theirs).all():
        return lexicon.LARGE
    return lexicon.SMALL if (mine > 0).all() and (theirs >= LARGER * mine).all() else ()


def _places(layout: Layout, thing: Handle, among: list[Handle]) -> list[str]:
    spots = layout.position[:, :2].tolist()
    far, right = [sqrt(x * x + y * y) for x, y in spots], [y for _, y in spots]
    beyond = {
        lexicon.NEAREST: min(far[h] for h in among) - far[thing] - NEARER,
        lexicon.FARTHEST: far[thing] - max(far[h] for h in among) - NEARER,
        lexicon.LEFTMOST: min(right[h] for h in among) - right[thing] - ASIDE,
        lexicon.RIGHTMOST: right[thing] - max(right[h] for h in among) - ASIDE,
    }
    return [place for place, margin in beyond.items() if margin >= 0]


def _relations(layout: Layout, thing: Handle, among: list[Handle]) -> list[str]:
    """Relations to other things that hold for this one: more to that side than to another, and no rival there."""
    found = []
    spots = layout.position[:, :2].tolist()
    for other in present(layout):
        for relation, (axis, sign) in TOWARDS.items():
            if other == thing:
                continue
            along = {h: sign * (spots[h][axis] - spots[other][axis]) for h in (thing, *among) if h != other}
            across = abs(spots[thing][1 - axis] - spots[other][1 - axis])
            if along.pop(thing) >= max(ASIDE, across) and all(way <= -ASIDE for way in along.values()):
                found.append(f"{relation} {plain_noun(layout, other)}")
    return found
