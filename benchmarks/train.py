"""`gradatim train`: train one policy under one schedule, generating its demonstrations first if need be."""

import sys
from dataclasses import dataclass
from pathlib import Path

from tqdm import tqdm

from benchmarks.bars import advance, bar
from benchmarks.choices import choose_tiers, require_positive
from benchmarks.console import Common, launch
from benchmarks.presets import SEED_STRIDE
from curricula.ladder import build_ladder
from curricula.records import RunConfig
from curricula.schedules import schedules
from envs import tiers
from envs.episodes import Split, parse_level


@dataclass(frozen=True, kw_only=True)
class Options(Common):
    """Train one policy under one schedule."""

    schedule: str
    """uniform, sequential, threshold or anti."""
    out: Path
    """Folder for the run: run.json, policy.safetensors, and the demonstrations unless --data is given."""
    seed: int = 0
    tiers: tuple[str, ...] = ()
    """Tiers of the ladder; all of them by default."""
    levels: tuple[str, ...] = ("easy",)
    """Data levels of each tier: easy, medium, hard, or numbers from 0 to 1."""
    budget: float = 5e13
    """FLOPs of the run: training and GATE inference."""
    data: Path | None = None
    """Folder with a dataset tier@level for each cell, as `gradatim generate` makes them."""
    demonstrations: int = 600
    """Episodes to generate for each cell where there is no --data."""
    dev_points: int = 5
    """Points of the learning curve; 0 for none."""
    dev_episodes: int = 25
    """DEV episodes of each cell at each of these points."""
    gate_episodes: int = 20
    """GATE episodes for each cell that the schedule asks for."""
    batch: int = 64
    peak_rate: float = 1e-3
    """Highest learning rate."""
    threads: int = 2
    """Threads of training and simulation; a run repeats bit for bit only with the same number."""
    device: str = "cpu"


def run(options: Options) -> None:
    require_positive(options.demonstrations, "demonstrations")
    schedule = schedules[options.schedule]
    ladder = build_ladder(
        [(name, tiers[name].rank) for name in choose_tiers(options.tiers)], map(parse_level, options.levels)
    )
    config = RunConfig(
        schedule=schedule.name,
        seed=options.seed,
        cells=ladder.cells,
        budget=options.budget,
        batch=options.batch,
        peak_rate=options.peak_rate,
        gate_episodes=options.gate_episodes,
        dev_episodes=options.dev_episodes,
        dev_points=options.dev_points,
        threads=options.threads,
        device=options.device,
    )
    from curricula import runner  # torch loads only once the options are known to be good
    from vla import generate

    folders = {cell: (options.data or options.out / "demonstrations") / str(cell) for cell in ladder.cells}
    if options.data is None:
        start, count = options.seed * SEED_STRIDE, options.demonstrations
        for cell, folder in folders.items():
            with bar(count, f"demonstrations of {cell}", "episode") as progress:
                generate(cell.tier, cell.level, Split.TRAIN, start, count, folder, threads=0, bar=progress)
    with bar(1.0, config.name, "run") as progress:
        record = runner.run(config, folders, options.out, lambda phase, spent: show(progress, phase, spent))
        show(progress, "done", 1.0)
    for point in record.curve:
        scores = ", ".join(f"{cell} {score.rate:.0%}" for cell, score in point.scores.items())
        print(f"{point.spent:4.0%} of the budget, step {point.step}: DEV {scores}")
    seconds = ", ".join(f"{phase} {spent:.0f} s" for phase, spent in record.seconds.items())
    print(f"{record.status}: {record.steps} steps, {record.spent:.1%} of the budget; {seconds}")
    print(f"The run is in {options.out / runner.RECORD}, the policy in {options.out / runner.POLICY}")


def show(progress: tqdm, phase: str, spent: float) -> None:
    progress.set_postfix_str(phase, refresh=False)
    advance(progress, spent)


if __name__ == "__main__":
    sys.exit(launch(Options, run))
