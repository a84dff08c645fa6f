"""`gradatim throughput`: how fast this machine simulates, looks and trains, and how near that is to its limit."""

import json
import os
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from benchmarks.bars import bar
from benchmarks.choices import choose_tiers
from benchmarks.console import Common, launch


@dataclass(frozen=True, kw_only=True)
class Options(Common):
    """Measure how fast this machine simulates, looks and trains."""

    tiers: tuple[str, ...] = ()
    """Tiers to measure; all of them by default."""
    seconds: float = 12.0
    """For each tier, and for training."""
    threads: int = 0
    """Threads; 0 takes every core."""
    json: bool = False
    """Print JSON instead of a table."""


def run(options: Options) -> None:
    names, threads = choose_tiers(options.tiers), options.threads or os.cpu_count() or 1
    from benchmarks.pace import SIMULATIONS, camera_pace, training_pace
    from curricula.provenance import machine

    with bar(len(names) + 1, "throughput", "part") as progress:
        paces = {}
        for name in names:
            paces[name] = camera_pace(name, options.seconds, threads)
            progress.update(1)
        with tempfile.TemporaryDirectory() as scratch:
            training = training_pace(Path(scratch), options.seconds, threads)
        progress.update(1)
    if options.json:
        per_tier = {
            name: {
                "env_steps_per_s": round(pace.env_steps_per_s, 1),
                "raw_limit_steps_per_s": round(pace.raw_limit_steps_per_s, 1),
                "ratio": round(pace.ratio, 3),
                "levels": {"easy": round(pace.env_steps_per_s, 1), "hard": round(pace.hard_steps_per_s, 1)},
                "hard_ratio": round(pace.hard_ratio, 3),
            }
            for name, pace in paces.items()
        }
        told = {
            "machine": machine(),
            "threads": threads,
            "simulations": SIMULATIONS,
            "tiers": per_tier,
            "train_steps_per_s": round(training.loop_steps_per_s, 2),
            "fixed_batch_steps_per_s": round(training.fixed_batch_steps_per_s, 2),
            "train_ratio": round(training.ratio, 3),
        }
        print(json.dumps(told, indent=2))
        return
    width = max(map(len, names))
    print(f"{'tier':<{width}}  env steps/s  bare calls/s  ratio  at hard  to easy")
    for name, pace in paces.items():
        print(
            f"{name:<{width}}  {pace.env_steps_per_s:11.0f}  {pace.raw_limit_steps_per_s:12.0f}  {pace.ratio:5.2f}"
            f"  {pace.hard_steps_per_s:7.0f}  {pace.hard_ratio:7.2f}"
        )
    print(
        f"training: {training.loop_steps_per_s:.1f} steps/s, on one fixed batch"
        f" {training.fixed_batch_steps_per_s:.1f}, ratio {training.ratio:.2f}"
    )
    print(f"Measured with {SIMULATIONS} simulations and {threads} threads; nothing was written.")


if __name__ == "__main__":
    sys.exit(launch(Options, run))
