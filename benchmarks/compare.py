"""`gradatim compare`: several curricula on paired seeds at equal FLOPs, evaluated on frozen episodes, in one report."""

import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from tyro.conf import arg

from benchmarks.bars import advance, bar
from benchmarks.console import Common, launch
from benchmarks.executor import run_jobs
from benchmarks.folders import ComparisonFolder, open_folder
from benchmarks.jobs import Job, plan_jobs
from benchmarks.presets import check, presets


@dataclass(frozen=True, kw_only=True)
class Options(Common):
    """Train several curricula on paired seeds, evaluate them on frozen TEST episodes, and write the report. The same
    command goes on where it was stopped; options that are not given are those of the preset, or of the folder."""

    out: Path
    """Folder for the results."""
    preset: Annotated[str | None, arg(metavar="NAME")] = None
    """smoke (checks the machinery) or quick (half an hour on two cores; the default)."""
    tiers: Annotated[tuple[str, ...] | None, arg(metavar="TIER …")] = None
    """Tiers of the ladder."""
    levels: Annotated[tuple[str, ...] | None, arg(metavar="LEVEL …")] = None
    """Data levels of each tier: easy, medium, hard, or numbers from 0 to 1."""
    arms: Annotated[tuple[str, ...] | None, arg(metavar="SCHEDULE …")] = None
    """Schedules to compare; uniform is what the others are compared with."""
    seeds: Annotated[int | None, arg(metavar="N")] = None
    """Number of paired seeds."""
    budget: Annotated[float | None, arg(metavar="FLOPS")] = None
    """FLOPs of each run: training and GATE inference."""
    device: Annotated[str | None, arg(metavar="DEVICE")] = None
    """cpu or cuda."""
    threads: Annotated[int | None, arg(metavar="N")] = None
    """Threads of each run; a run repeats bit for bit only with the same number."""
    jobs: Annotated[int | None, arg(metavar="N")] = None
    """Runs side by side; by default as many as the machine has cores for."""


def run(options: Options) -> None:
    begun = time.perf_counter()
    folder = ComparisonFolder(options.out)
    overrides = {
        name: getattr(options, name) for name in ("tiers", "levels", "arms", "seeds", "budget", "device", "threads")
    }
    preset = presets[options.preset] if options.preset is not None else None
    check(open_folder(folder.root, preset, overrides, default=presets["quick"]))  # before anything is made
    with folder.locked() as lock:
        comparison = open_folder(folder.root, preset, overrides, default=presets["quick"])
        folder.write_plan(comparison)
        jobs = plan_jobs(comparison, folder)
        slots = options.jobs or max(1, (os.cpu_count() or 1) // comparison.threads)
        with bar(sum(job.cost for job in jobs), comparison.name, "run", bar_format=BAR) as progress:

            def watch(running: dict[str, tuple[str, float]], done: float) -> None:
                told = ", ".join(
                    f"{name.partition('/')[2]} {phase} {part:.0%}" for name, (phase, part) in running.items()
                )
                progress.set_postfix_str(told, refresh=False)
                advance(progress, done)

            run_jobs(
                jobs,
                slots,
                command=lambda job: command(folder, job),
                log=lambda job: folder.log(job.name),
                threads=comparison.threads,
                lock=lock,
                watch=watch,
            )
        from benchmarks.page import write_report

        report = write_report(folder)
    print(f"{len(comparison.runs)} runs compared in {time.perf_counter() - begun:.0f} s; the report is {report}")


BAR = "{desc} {percentage:3.0f}%|{bar}| {elapsed}<{remaining} {postfix}"


def command(folder: ComparisonFolder, job: Job) -> list[str]:
    return ["-m", "benchmarks.worker", str(folder.root.resolve()), job.name]


if __name__ == "__main__":
    sys.exit(launch(Options, run))
