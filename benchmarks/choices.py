"""What the options of several commands name: tiers, cells, actors."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from envs import Actor, Expert, Random, Zero, tiers
from envs.episodes import Cell, Episode, Split, parse_level
from envs.errors import UserError, unknown
from envs.situations import situation

SCRIPTED: dict[str, Callable[[], Actor]] = {"expert": Expert, "random": Random, "zero": Zero}


def choose_tiers(names: Sequence[str]) -> tuple[str, ...]:
    """The tiers that were named, easy to hard; all of them if none was."""
    chosen = {tiers[name].name for name in names} or set(tiers.names())
    return tuple(sorted(chosen, key=lambda name: tiers[name].rank))


def choose_cells(names: Sequence[str], level: str) -> tuple[Cell, ...]:
    return tuple(Cell(tier, parse_level(level)) for tier in choose_tiers(names))


def choose_actor(text: str, device: str = "cpu") -> Actor:
    """A scripted actor by name, or the policy in a checkpoint."""
    if text in SCRIPTED:
        return SCRIPTED[text]()
    path = Path(text)
    if not path.exists():
        if "/" in text or path.suffix:
            raise UserError(f"There is no policy checkpoint at {text}.")
        raise unknown("actor", text, [*SCRIPTED, "the path of a policy checkpoint"])
    from vla import PolicyActor, load_policy  # loading torch takes seconds that scripted actors need not wait

    return PolicyActor(load_policy(path, device), name=path.parent.name or path.stem)


def require_episodes(cells: Iterable[Cell], split: Split, told: str) -> None:
    """Draws an episode of each cell, so that a slice that is empty there is told before anything is made."""
    for cell in cells:
        situation(tiers[cell.tier], Episode(cell.tier, cell.level, split, 0), told)


def require_positive(number: int, what: str) -> None:
    if number < 1:
        raise UserError(f"The number of {what} is at least 1; {number} was asked for.")
