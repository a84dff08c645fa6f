"""`gradatim evaluate`: play episodes with an actor and count its successes."""

import sys
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.bars import bar
from benchmarks.choices import choose_actor, choose_cells, require_positive
from benchmarks.console import launch
from envs import Actor, Play, play
from envs.episodes import Cell, Episode, Outcome, Score, Split, parse_split


@dataclass(frozen=True)
class Options:
    """Play episodes with an actor and count its successes."""

    actor: str
    """expert, random, zero, or the path of a policy checkpoint."""
    out: Path
    """Folder for outcomes.csv."""
    tiers: tuple[str, ...] = ()
    """Tiers to play; all of them by default."""
    level: str = "easy"
    """easy, medium, hard, or a number from 0 to 1."""
    split: str = "dev"
    """train, gate, dev or test."""
    episodes: int = 100
    """Episodes of each tier."""
    start: int = 0
    """Index of the first episode."""
    noise: bool = False
    """Disturb the actions as in demonstrations."""
    slots: int = 64
    """Simulations side by side."""
    threads: int = 0
    """Threads; 0 takes every core."""
    device: str = "cpu"


def run(options: Options) -> None:
    require_positive(options.episodes, "episodes")
    cells = choose_cells(options.tiers, options.level)
    split = parse_split(options.split)
    actor = choose_actor(options.actor, options.device)
    how = Play(slots=options.slots, threads=options.threads, disturbed=options.noise)
    options.out.mkdir(parents=True, exist_ok=True)
    start = time.perf_counter()
    outcomes = play_cells(actor, cells, split, options.episodes, options.start, how)
    seconds = time.perf_counter() - start
    print_scores(outcomes, cells)

    from benchmarks.tables import outcomes_frame, write_table  # pandas loads while the scores are already being read

    table = options.out / "outcomes.csv"
    write_table(outcomes_frame(outcomes, actor.name, None), table)
    print(f"{len(outcomes)} episodes in {seconds:.1f} s; each is a row of {table}")


def play_cells(
    actor: Actor, cells: tuple[Cell, ...], split: Split, episodes: int, start: int, how: Play
) -> list[Outcome]:
    """The outcomes of the same numbered episodes of every cell, in order of cell and index; with a progress bar."""
    wanted = [Episode(cell.tier, cell.level, split, start + k) for cell in cells for k in range(episodes)]
    outcomes: dict[Episode, Outcome] = {}
    with bar(len(wanted), f"{actor.name} on {split.value}", "episode") as progress:
        for tick in play(actor, wanted, how):
            for outcome in tick.ended:
                if outcome is not None:
                    outcomes[outcome.episode] = outcome
                    progress.update(1)
    return [outcomes[episode] for episode in wanted]


def print_scores(outcomes: list[Outcome], cells: tuple[Cell, ...]) -> None:
    width = max(len(str(cell)) for cell in cells)
    for cell in cells:
        here = [o for o in outcomes if Cell(o.episode.tier, o.episode.level) == cell]
        kinds = [o.failure for o in here if o.failure]
        why = ", ".join(f"{kinds.count(kind)} {kind}" for kind in sorted(set(kinds), key=kinds.count, reverse=True))
        print(f"{cell!s:<{width}}  success at end {Score.of(here)}" + (f"; {why}" if why else ""))


if __name__ == "__main__":
    sys.exit(launch(Options, run))
