"""`gradatim tiers`: what can be trained and tested."""

import json
import sys
from dataclasses import dataclass
from typing import Any

from benchmarks.console import launch
from envs import tiers


@dataclass(frozen=True)
class Options:
    """List the tiers, easy to hard."""

    json: bool = False
    """Print JSON instead of a table."""


def describe(tier: Any) -> dict[str, object]:
    return {"name": tier.name, "rank": tier.rank, "horizon": tier.horizon, "version": tier.version}


def run(options: Options) -> None:
    rows = [describe(tier) for tier in sorted(tiers, key=lambda tier: tier.rank)]
    if options.json:
        print(json.dumps(rows, indent=2))
        return
    width = max(len(str(row["name"])) for row in rows)
    print(f"{'tier':<{width}}  rank  horizon  version")
    for row in rows:
        print(f"{row['name']:<{width}}  {row['rank']:>4}  {row['horizon']:>7}  {row['version']:>7}")


if __name__ == "__main__":
    sys.exit(launch(Options, run))
