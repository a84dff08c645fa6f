"""`gradatim generate`: play the scripted expert, with its action noise, and keep the demonstrations that succeed."""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.bars import bar
from benchmarks.choices import choose_tiers, require_positive
from benchmarks.console import Common, launch
from envs.episodes import parse_split
from envs.pools import name_level, parse_pool_or_level

if TYPE_CHECKING:
    from vla import Yield


@dataclass(frozen=True, kw_only=True)
class Options(Common):
    """Play the scripted expert and keep its demonstrations, a LeRobot dataset for each tier. What was cut off goes on
    where it was."""

    out: Path
    """Folder for the datasets; each lies in a folder named tier@level."""
    tiers: tuple[str, ...] = ()
    """Tiers to demonstrate; all of them by default."""
    level: str = "easy"
    """easy, medium, hard, a number from 0 to 1, or pool: every episode draws its own level."""
    split: str = "train"
    """train, gate, dev or test."""
    episodes: int = 300
    """Episodes of each tier to play; the ones that fail are dropped and counted."""
    start: int = 0
    """Index of the first episode."""
    slots: int = 64
    """Simulations side by side."""
    threads: int = 0
    """Threads; 0 takes every core."""


def run(options: Options) -> None:
    require_positive(options.episodes, "episodes")
    names, level = choose_tiers(options.tiers), parse_pool_or_level(options.level)
    split = parse_split(options.split)
    from vla import generate  # torch loads only once the options are known to be good

    for name in names:
        title = f"{name}@{name_level(level)}"
        with bar(options.episodes, title, "episode") as progress:
            made = generate(
                name,
                level,
                split,
                options.start,
                options.episodes,
                options.out / title,
                slots=options.slots,
                threads=options.threads,
                bar=progress,
            )
        print(f"{title}: {tell(made)}")
        print(f"  {made.layouts.tell()}")
    print(f"Demonstrations are in {options.out}")


def tell(made: "Yield") -> str:
    """What came of generating, in a line."""
    kept = f"{made.kept} of {made.asked} episodes kept ({made.rate:.1%} yield with noise on), {made.megabytes:.1f} MB"
    kept += f" ({1e3 * made.megabytes / made.frames:.1f} KB a frame)" if made.frames else ""
    dropped = "".join(f"; {count} dropped: {kind}" for kind, count in made.failures.items())
    if not made.played:
        return f"{kept}{dropped}; all were there already"
    return f"{kept}, {made.rate * made.episodes_per_second:.1f} successful episodes/s{dropped}"


if __name__ == "__main__":
    sys.exit(launch(Options, run))
