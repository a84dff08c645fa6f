"""How one episode's scene is drawn: shape, size, colour, weight and place of every thing."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from envs.colours import COLOURS
from envs.errors import UserError
from envs.levels import DataLevel
from envs.scene import BLOCK_HALF, BLOCK_MASS, PAD_HALF, Handle, Objects
from envs.shapes import SHAPES
from envs.view import Bools, Floats

CENTRE = (0.50, 0.0)  # [m] middle of the region where things are placed
TRIES = 200  # places tried for one thing before the scene is begun anew
SCENES = 200  # scenes begun before it is called impossible
PARKED = (10.0, 0.0, -10.0)  # [m] where distractors wait that an episode does not use: nothing sees or touches them
FLAT = "flat"  # the shape of a pad
HELD_OUT = {("red", "cylinder"), ("blue", "prism"), ("orange", "cylinder"), ("purple", "prism")}
"""Colours and shapes that never meet, but in the test slice that asks for them."""


@dataclass(frozen=True)
class Layout:
    """One episode's things, by handle. A tier's `sample` sees this and picks what its sentence is about."""

    objects: Objects
    present: Bools  # (things,) False: a distractor that this episode does not use
    colours: tuple[str, ...]
    shapes: tuple[str, ...]
    position: Floats  # (things, 3) [m] centres
    yaw: Floats  # (things,) [rad]
    half: Floats  # (things, 3) [m]
    mass: Floats  # (things,) [kg]
    friction: Floats  # (things,) factor

    def shuffled(self, category: str, rng: np.random.Generator) -> list[Handle]:
        """All handles of a category ("blocks" or "pads") in a random order."""
        handles = self.objects.handles(category.removesuffix("s"))
        if not handles:
            raise UserError(f"The scene holds no {category}; give its `Objects` some.")
        return [int(h) for h in rng.permutation(handles)]

    def pad_like(self, block: Handle) -> Handle:
        """The pad of a block's colour."""
        for pad in self.objects.handles("pad"):
            if self.colours[pad] == self.colours[block]:
                return pad
        raise UserError("No pad has that block's colour; set `pads_match_blocks=True` in the tier's `Objects`.")

    def stacked(self, pairs: Sequence[tuple[Handle, Handle]]) -> "Layout":
        """The same scene with things put on top of others, (upper, lower)."""
        position, yaw = self.position.copy(), self.yaw.copy()
        for upper, lower in pairs:
            position[upper] = position[lower] + [0, 0, self.half[lower, 2] + self.half[upper, 2]]
            yaw[upper] = yaw[lower]
        return replace(self, position=position, yaw=yaw)


def draw(objects: Objects, level: DataLevel, rng: np.random.Generator, held_out: bool = False) -> Layout:
    """A random scene. No two blocks share colour and shape, no two pads a colour; outlines are `level.gap` apart.

    With `held_out` at least one of the tier's blocks is a pair of HELD_OUT; otherwise nothing is.
    """
    loose = len(objects.loose)
    used = objects.blocks + int(rng.integers(objects.distractors + 1))
    kinds = _kinds(objects, level, rng, held_out)
    size = BLOCK_HALF * rng.uniform(1 - level.size, 1 + level.size, loose)
    blocks = np.array([SHAPES[shape].half(s) for (_, shape), s in zip(kinds, size, strict=True)]).reshape(-1, 3)
    mass = BLOCK_MASS * np.array([SHAPES[shape].fill() for _, shape in kinds]) * (blocks / BLOCK_HALF).prod(axis=1)
    mass *= factor(level.mass, rng, loose)
    pads = np.array([[PAD_HALF, PAD_HALF, 0.0]] * objects.pads).reshape(-1, 3)

    def by_handle(of_loose: Iterable[Any], of_pads: Iterable[Any]) -> list[Any]:
        of_loose = list(of_loose)
        return [*of_loose[: objects.blocks], *of_pads, *of_loose[objects.blocks :]]

    half = np.array(by_handle(blocks, pads)).reshape(-1, 3)
    present = np.array(by_handle(np.arange(loose) < used, [True] * objects.pads), np.bool_)
    yaw = rng.uniform(-level.yaw, level.yaw, len(objects))
    position = np.array([PARKED + np.array([0, 0, -h]) for h in range(len(objects))])
    position[present, :2] = _scatter(half[present, :2].max(axis=1), level, rng)
    position[present, 2] = half[present, 2]
    return Layout(
        objects=objects,
        present=present,
        colours=tuple(by_handle([colour for colour, _ in kinds], _pad_colours(objects, level, kinds, rng))),
        shapes=tuple(by_handle([shape for _, shape in kinds], [FLAT] * objects.pads)),
        position=position,
        yaw=yaw,
        half=half,
        mass=np.array(by_handle(mass, [0.0] * objects.pads)),
        friction=np.array(by_handle(factor(level.friction, rng, loose), [1.0] * objects.pads)),
    )


def factor(range: float, rng: np.random.Generator, count: int) -> Floats:
    """Factors (count,) between 1 / (1 + range) and 1 + range, as often above one as below."""
    return np.exp(rng.uniform(-1, 1, count) * np.log1p(range))


def _kinds(objects: Objects, level: DataLevel, rng: np.random.Generator, held_out: bool) -> list[tuple[str, str]]:
    """Colour and shape of each loose thing, all different. Where pads match blocks, the blocks' colours are too."""
    colours, shapes = list(COLOURS)[: level.colours], list(SHAPES)[: level.shapes]
    pairs = {(colour, shape) for colour in colours for shape in shapes}
    rare = sorted(pairs & HELD_OUT)
    if held_out and not rare:
        raise UserError(f"No held-out pair of colour and shape occurs at level {level.level:g}; ask for a higher one.")
    common = sorted(pairs - HELD_OUT)
    unlike = objects.pads_match_blocks or level.shapes == 1
    chosen: list[tuple[str, str]] = [rare[rng.integers(len(rare))]] if held_out and objects.blocks else []
    while len(chosen) < len(objects.loose):
        strict = unlike and len(chosen) < objects.blocks
        free = [p for p in common if p not in chosen and not (strict and p[0] in {colour for colour, _ in chosen})]
        if not free:
            raise UserError(f"{len(objects.loose)} blocks need as many colours; this data level has {len(colours)}.")
        chosen.append(free[rng.integers(len(free))])
    order = rng.permutation(objects.blocks)
    return [chosen[i] for i in order] + chosen[objects.blocks :]


def _pad_colours(
    objects: Objects, level: DataLevel, kinds: Sequence[tuple[str, str]], rng: np.random.Generator
) -> list[str]:
    among = list(COLOURS)[: level.colours]
    if objects.pads_match_blocks:
        among = [colour for colour, _ in kinds[: objects.blocks]]
    if objects.pads > len(among):
        raise UserError(f"{objects.pads} pads need as many colours; there are {len(among)} to choose from.")
    return [among[i] for i in rng.permutation(len(among))[: objects.pads]]


def _scatter(radius: Floats, level: DataLevel, rng: np.random.Generator) -> Floats:
    """Places (things, 2) [m] drawn uniformly one after another, each clear of those before it; the widest first."""
    spread = np.array([level.spread_x, level.spread_y])
    order = np.argsort(-radius, kind="stable")
    for _ in range(SCENES):
        places = np.full((len(radius), 2), np.inf)
        for thing in order:
            tried = np.asarray(CENTRE) + rng.uniform(-spread, spread, (TRIES, 2))
            apart = np.abs(tried[:, None] - places).max(axis=2)
            clear = (apart >= radius[thing] + radius + level.gap).all(axis=1)
            if not clear.any():
                break
            places[thing] = tried[clear.argmax()]
        else:
            return places
    raise UserError(f"{len(radius)} things with gaps of {level.gap} m do not fit into {2 * spread} m; ask for fewer.")
