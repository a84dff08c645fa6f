"""How one episode's scene is drawn: the colour, size and place of every thing."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from envs.errors import UserError
from envs.language import COLOURS, describe
from envs.levels import DataLevel
from envs.scene import BLOCK_HALF, PAD_HALF, Handle, Objects
from envs.view import Floats

CENTRE = (0.50, 0.0)  # [m] middle of the region where things are placed
TRIES = 2000  # draws of one scene before it is called impossible


@dataclass(frozen=True)
class Layout:
    """One episode's things, by handle. A tier's `sample` sees this and picks what its sentence is about."""

    objects: Objects
    colours: tuple[str, ...]
    position: Floats  # (things, 3) [m] centres
    yaw: Floats  # (things,) [rad]
    half: Floats  # (things, 3) [m]

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

    @property
    def nouns(self) -> list[str]:
        """The noun phrase of each thing."""
        return [describe(c, colour) for c, colour in zip(self.objects.categories, self.colours, strict=True)]


def draw(objects: Objects, level: DataLevel, rng: np.random.Generator) -> Layout:
    """A random scene: colours unique in each category, outlines at least `level.gap` apart."""
    half = np.array([[BLOCK_HALF] * 3] * objects.blocks + [[PAD_HALF, PAD_HALF, 0.0]] * objects.pads).reshape(-1, 3)
    position = np.zeros((len(objects), 3))
    position[:, :2] = _scatter(half[:, :2].max(axis=1), level, rng)
    position[:, 2] = half[:, 2]
    yaw = rng.uniform(-level.yaw, level.yaw, len(objects))
    return Layout(objects, _colour(objects, level, rng), position, yaw, half)


def _scatter(radius: Floats, level: DataLevel, rng: np.random.Generator) -> Floats:
    """Places (things, 2) [m] drawn uniformly one after another, each clear of those before it."""
    spread = np.asarray(level.spread)
    for _ in range(TRIES):
        places = np.asarray(CENTRE) + rng.uniform(-spread, spread, (len(radius), 2))
        apart = np.abs(places[:, None] - places[None]).max(axis=2)
        needed = radius[:, None] + radius[None] + level.gap
        if (apart >= needed)[np.triu_indices(len(radius), 1)].all():
            return places
    raise UserError(f"{len(radius)} things with gaps of {level.gap} m do not fit into {2 * spread} m; ask for fewer.")


def _colour(objects: Objects, level: DataLevel, rng: np.random.Generator) -> tuple[str, ...]:
    names = list(COLOURS)[: level.colours]

    def pick(count: int, what: str, among: Sequence[str]) -> list[str]:
        if count > len(among):
            raise UserError(f"{count} {what} need as many colours; this data level has {len(among)}.")
        return [among[i] for i in rng.permutation(len(among))[:count]]

    blocks = pick(objects.blocks, "blocks", names)
    if not objects.pads_match_blocks:
        return (*blocks, *pick(objects.pads, "pads", names))
    return (*blocks, *pick(objects.pads, "pads of the blocks' colours", blocks))
