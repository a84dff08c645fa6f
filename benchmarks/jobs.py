"""The work of a comparison as a small graph: which job must wait for which. A job that is done is left out."""

from dataclasses import dataclass
from pathlib import Path

from benchmarks.folders import ComparisonFolder
from benchmarks.presets import Comparison


@dataclass(frozen=True)
class Job:
    """`name` is `kind/what`; `cost` is its expected share of the time, in units of one training run."""

    name: str
    cost: float
    needs: tuple[str, ...] = ()

    @property
    def kind(self) -> str:
        return self.name.partition("/")[0]

    @property
    def subject(self) -> str:
        return self.name.partition("/")[2]


def plan_jobs(comparison: Comparison, folder: ComparisonFolder) -> list[Job]:
    """What is left to do, in the order in which it is best begun: seed by seed, so that whole pairs finish early."""
    jobs: list[Job] = []
    for seed in range(comparison.seeds):
        open_runs = [
            config
            for arm in comparison.arms
            if not folder.outcomes((config := comparison.run_config(arm, seed)).name).exists()
        ]
        if not open_runs:
            continue
        demonstrations = Job(f"demonstrations/seed{seed}", cost=0.2)
        jobs.append(demonstrations)
        jobs += [Job(f"run/{config.name}", cost=1.0, needs=(demonstrations.name,)) for config in open_runs]
    if not folder.references.exists():
        jobs.append(Job("references/all", cost=0.1))
    planned = {job.name for job in jobs}
    for arm in comparison.arms if comparison.films else ():
        first = comparison.run_config(arm, 0).name
        if not filmed(folder, first).exists():
            needs = (f"run/{first}",) if f"run/{first}" in planned else ()
            jobs.append(Job(f"films/{first}", cost=0.1, needs=needs))
    return jobs


def filmed(folder: ComparisonFolder, run: str) -> Path:
    """The list of a run's films; it is written when all of them are."""
    return folder.run(run) / "films.json"
