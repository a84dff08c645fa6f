"""The ladder: the cells (tier, data level) that a run trains on, easy to hard."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import product

from envs.episodes import Cell
from envs.errors import UserError


@dataclass(frozen=True)
class Ladder:
    """Cells from easy to hard: by the tier's rank, then by the data level."""

    cells: tuple[Cell, ...]

    def __post_init__(self) -> None:
        if not self.cells:
            raise UserError("A ladder needs at least one tier and one data level; none was given.")
        if len(set(self.cells)) < len(self.cells):
            twice = next(cell for cell in self.cells if self.cells.count(cell) > 1)
            raise UserError(f"A cell stands on the ladder once; {twice} was given twice.")

    @property
    def tiers(self) -> tuple[str, ...]:
        """The tiers in the order in which they appear, each once."""
        return tuple(dict.fromkeys(cell.tier for cell in self.cells))

    def height(self, tier: str) -> float:
        """Where a tier stands among the ladder's tiers: 0 the easiest, 1 the hardest."""
        return self.tiers.index(tier) / max(1, len(self.tiers) - 1)

    def reversed(self) -> "Ladder":
        return Ladder(self.cells[::-1])


def build_ladder(ranks: Iterable[tuple[str, int]], levels: Iterable[float]) -> Ladder:
    """The ladder over every (tier, level) pair, given each tier's rank."""
    wanted = sorted((rank, level, tier) for (tier, rank), level in product(ranks, levels))
    return Ladder(tuple(Cell(tier, level) for _, level, tier in wanted))
