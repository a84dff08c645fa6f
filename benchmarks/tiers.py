"""`gradatim tiers`: what can be trained and tested, and what an instruction sounds like at each data level."""

import json
import sys
from dataclasses import dataclass
from typing import Any

from benchmarks.console import Common, launch
from envs import Episode, Split, Tier, tiers
from envs.episodes import NAMED_LEVELS
from envs.situations import situation


@dataclass(frozen=True, kw_only=True)
class Options(Common):
    """List the tiers, easy to hard, with an instruction of each data level."""

    json: bool = False
    """Print JSON instead of a table, with every phrase of each tier."""


def describe(tier: Tier) -> dict[str, Any]:
    phrases = tier.task.phrases
    return {
        "name": tier.name,
        "rank": tier.rank,
        "horizon": tier.horizon,
        "version": tier.version,
        "phrases": {
            "canonical": phrases.canonical,
            "paraphrases": phrases.paraphrases,
            "held_out": phrases.held_out,
            "new_words": phrases.new_words,
        },
        "examples": {name: example(tier, level) for name, level in NAMED_LEVELS.items()},
    }


def example(tier: Tier, level: float) -> str:
    """The instruction of one episode of a data level."""
    return situation(tier, Episode(tier.name, level, Split.DEV, 0)).instruction.text


def run(options: Options) -> None:
    rows = [describe(tier) for tier in sorted(tiers, key=lambda tier: tier.rank)]
    if options.json:
        print(json.dumps(rows, indent=2))
        return
    width = max(len(str(row["name"])) for row in rows)
    print(f"{'tier':<{width}}  rank  horizon  version")
    for row in rows:
        print(f"{row['name']:<{width}}  {row['rank']:>4}  {row['horizon']:>7}  {row['version']:>7}")
        for level, text in row["examples"].items():
            print(f"  {level:<6}  {text}")


if __name__ == "__main__":
    sys.exit(launch(Options, run))
