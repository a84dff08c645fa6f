"""`gradatim record`: film one episode or several."""

import sys
from dataclasses import dataclass
from pathlib import Path

from benchmarks.bars import bar
from benchmarks.choices import choose_actor, require_episodes, require_positive
from benchmarks.console import Common, launch
from envs import tiers
from envs.controls import parse_told
from envs.episodes import Cell, Episode, parse_level, parse_split


@dataclass(frozen=True, kw_only=True)
class Options(Common):
    """Film episodes: one H.264 file each, named by tier, level, split, index, actor and what it was told; none is ever
    overwritten."""

    tier: str
    """The tier to play."""
    actor: str
    """expert, random, zero, or the path of a policy checkpoint."""
    out: Path
    """Folder for the films."""
    level: str = "easy"
    """easy, medium, hard, or a number from 0 to 1."""
    split: str = "dev"
    """train, gate, dev or test; or what is heard or seen nowhere else: test-phrases, test-pairs or test-words."""
    instruction: str = "right"
    """What the actor is told: the right instruction, a wrong one for the same scene, or nothing (blank)."""
    index: int = 0
    """Index of the first episode to film."""
    episodes: int = 1
    """How many episodes to film, from --index on."""
    inset: bool = False
    """Show the policy's own view, front and wrist camera, in a corner."""
    threads: int = 0
    """Threads; 0 takes every core."""
    device: str = "cpu"


def run(options: Options) -> None:
    require_positive(options.episodes, "episodes")
    tier, level, split = tiers[options.tier].name, parse_level(options.level), parse_split(options.split)
    told = parse_told(options.instruction)
    require_episodes([Cell(tier, level)], split, told)
    episodes = [Episode(tier, level, split, options.index + k) for k in range(options.episodes)]
    actor = choose_actor(options.actor, options.device)

    from benchmarks.films import film

    with bar(len(episodes), "filming", "episode") as progress:
        for made in film(actor, episodes, options.out, options.inset, options.threads, told=told):
            progress.update(1)
            progress.write(f"{made.path}  {made.outcome.instruction}: {made.outcome.failure or 'success'}")
    print(f"The films are in {options.out}")


if __name__ == "__main__":
    sys.exit(launch(Options, run))
