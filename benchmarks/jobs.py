"""The work of a comparison as a small graph: which job must wait for which. A job that is done is left out."""

from dataclasses import dataclass
from pathlib import Path

from benchmarks.folders import ComparisonFolder
from benchmarks.presets import Comparison
from envs.storage import read_json


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
        names = [comparison.run_config(arm, seed).name for arm in comparison.arms]
        left = [name for name in names if not folder.outcomes(name).exists()]
        if left:
            demonstrations = Job(f"demonstrations/seed{seed}", cost=0.2)
            jobs += [demonstrations, *(Job(f"run/{name}", cost=1.0, needs=(demonstrations.name,)) for name in left)]
    if not folder.references.exists():
        jobs.append(Job("references/all", cost=0.1))
    planned = {job.name for job in jobs}
    for arm in comparison.arms if comparison.films else ():
        name = comparison.run_config(arm, 0).name
        if not filming_is_done(folder, name):
            jobs.append(Job(f"films/{name}", cost=0.1, needs=tuple(planned & {f"run/{name}"})))
    return jobs


def filmed(folder: ComparisonFolder, run: str) -> Path:
    """The list of a run's films."""
    return folder.run(run) / "films.json"


def filming_is_done(folder: ComparisonFolder, run: str) -> bool:
    listing = filmed(folder, run)
    return listing.exists() and bool(read_json(listing, "list of films").get("complete"))
