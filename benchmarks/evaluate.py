"""`gradatim evaluate`: play episodes with an actor and count its successes."""

import sys
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.bars import bar
from benchmarks.choices import choose_actor, choose_cells, require_episodes, require_positive
from benchmarks.console import Common, launch
from envs import Play
from envs.controls import RIGHT, name_told, parse_told
from envs.episodes import Cell, Outcome, Score, parse_split


@dataclass(frozen=True, kw_only=True)
class Options(Common):
    """Play episodes with an actor and count its successes."""

    actor: str
    """expert, random, zero, or the path of a policy checkpoint."""
    out: Path
    """Folder for outcomes.csv, or outcomes-told-wrong.csv and the like."""
    tiers: tuple[str, ...] = ()
    """Tiers to play; all of them by default."""
    level: str = "easy"
    """easy, medium, hard, or a number from 0 to 1."""
    split: str = "dev"
    """train, gate, dev or test; or what is heard or seen nowhere else: test-phrases, test-pairs or test-words."""
    instruction: str = "right"
    """What the actor is told: the right instruction, a wrong one for the same scene, or nothing (blank)."""
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
    split, told = parse_split(options.split), parse_told(options.instruction)
    require_episodes(cells, split, told)
    actor = choose_actor(options.actor, options.device)
    how = Play(options.slots, options.threads, disturbed=options.noise, told=told)
    options.out.mkdir(parents=True, exist_ok=True)
    from benchmarks.tables import outcomes_frame, write_table  # torch loads only once the options are known to be good
    from vla import score

    name, begun = name_told(actor.name, told), time.perf_counter()
    with bar(options.episodes * len(cells), f"{name} on {split.value}", "episode") as progress:
        outcomes = score(actor, cells, split, options.episodes, options.start, how, progress)
    seconds = time.perf_counter() - begun
    print_scores(outcomes, cells)
    table = options.out / ("outcomes.csv" if told == RIGHT else f"outcomes-told-{told}.csv")
    write_table(outcomes_frame(outcomes, name, None), table)
    print(f"{len(outcomes)} episodes in {seconds:.1f} s; each is a row of {table}")


def print_scores(outcomes: list[Outcome], cells: tuple[Cell, ...]) -> None:
    width = max(len(str(cell)) for cell in cells)
    for cell in cells:
        here = [o for o in outcomes if o.episode.cell == cell]
        kinds = [o.failure for o in here if o.failure]
        why = ", ".join(f"{kinds.count(kind)} {kind}" for kind in sorted(set(kinds), key=kinds.count, reverse=True))
        print(f"{cell!s:<{width}}  success at end {Score.of(here)}" + (f"; {why}" if why else ""))


if __name__ == "__main__":
    sys.exit(launch(Options, run))
