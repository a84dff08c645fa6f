"""A finished comparison made of drawn numbers, for tests of what is written from one (tables, statistics, report), and
a few real demonstrations with a fresh learner, for tests of training."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from benchmarks.films import write_film
from benchmarks.folders import ComparisonFolder
from benchmarks.jobs import filmed
from benchmarks.presets import Comparison, presets
from benchmarks.tables import outcomes_frame, write_table
from curricula.budget import Budget
from curricula.history import Result
from curricula.ladder import Ladder
from curricula.provenance import made_with
from curricula.records import FINISHED, CurvePoint, Exposure, RunConfig, RunRecord
from curricula.schedules import schedules
from envs import words
from envs.episodes import Cell, Episode, Outcome, Score, Split
from envs.spaces import Contract
from envs.storage import write_json
from vla.columns import all_columns
from vla.config import sizes
from vla.datasets import Frames, load
from vla.demonstrations import generate, pack_episode
from vla.learner import Learner
from vla.normalisation import Normalisation
from vla.policy import new_policy
from vla.publishing import publish
from vla.recording import Recording
from vla.staging import Staging
from vla.tokens import Vocabulary

FAILURES = ("no grasp", "dropped", "time out")
SKILL = {"reach": 0.95, "pick-place": 0.7, "stack-two": 0.55, "expert": 0.98, "random": 0.01}


def drawn_outcomes(comparison: Comparison, actor: str, lift: float, rng: np.random.Generator) -> list[Outcome]:
    made = []
    for cell in comparison.cells:
        chance = np.clip(SKILL.get(actor, SKILL[cell.tier] + lift), 0, 1)
        for index in range(comparison.test_episodes):
            good = bool(rng.random() < chance)
            failure = "" if good else FAILURES[rng.choice(3, p=[0.6, 0.25, 0.15])]
            episode = Episode(cell.tier, cell.level, Split.TEST, index)
            made.append(Outcome(episode, actor, f"do {cell.tier}", good, good, float(good), 60, failure))
    return made


def drawn_record(config: RunConfig, outcomes: list[Outcome], rng: np.random.Generator) -> RunRecord:
    schedule, history, budget = schedules[config.schedule], [], Budget(config.budget)
    while stage := schedule.next_stage(Ladder(config.cells), history, budget, rng):
        gate = {cell: Score(min(20, 4 * len(history)), 20) for cell in stage.gate}
        history.append(Result(stage, (len(history) + 1) / 20, gate, {"act": 1.0}, 100))
    test = {cell: Score.of(o for o in outcomes if o.episode.tier == cell.tier) for cell in config.cells}
    curve = []
    for k in range(1, config.dev_points + 1):
        share = k / config.dev_points
        scores = {
            c: Score(round(share**0.7 * s.rate * config.dev_episodes), config.dev_episodes) for c, s in test.items()
        }
        curve.append(CurvePoint(share, 400 * k, scores))
    return RunRecord(
        config=config,
        status=FINISHED,
        steps=2000,
        flops={"training": 0.98 * config.budget, "gate": 0.02 * config.budget},
        seconds={"generate": 10.0, "train": 100.0, "gate": 5.0, "dev": 20.0, "test": 15.0},
        stages=tuple(history),
        curve=tuple(curve),
        exposure={cell: Exposure(1000, 500, 20, "f") for cell in config.cells},
        made_with=made_with(),
        test=test,
    )


def draw(root: Path, seeds: int = 2, films: bool = True, arms: tuple[str, ...] = ()) -> ComparisonFolder:
    """A folder as `compare` leaves it, in which every arm gains a little over the one before."""
    lift, comparison = 0.04, replace(presets["quick"], seeds=seeds, test_episodes=40)
    comparison = replace(comparison, arms=arms or comparison.arms)
    folder = ComparisonFolder(root)
    folder.write_plan(comparison)
    for config in comparison.runs:
        arm = comparison.arms.index(config.schedule)
        rng = np.random.default_rng([arm, config.seed])
        outcomes = drawn_outcomes(comparison, config.schedule, lift * arm + rng.normal(0, 0.04), rng)
        drawn_record(config, outcomes, rng).save(folder.run(config.name) / "run.json")
        write_table(outcomes_frame(outcomes, config.schedule, config.seed), folder.outcomes(config.name))
    references = [
        row for actor in ("expert", "random") for row in drawn_outcomes(comparison, actor, 0, np.random.default_rng(9))
    ]
    tables = [outcomes_frame([o for o in references if o.actor == a], a, None) for a in ("expert", "random")]
    write_table(pd.concat(tables), folder.references)
    if films:
        draw_films(comparison, folder)
    return folder


def draw_films(comparison: Comparison, folder: ComparisonFolder) -> None:
    folder.films.mkdir()
    for arm in comparison.arms:
        name, made = comparison.run_config(arm, 0).name, []
        for index, verdict in enumerate(("no grasp", "")):
            file = f"{arm}-{index}.mp4"
            write_film(folder.films / file, (np.full((96, 96, 3), 40 * k, np.uint8) for k in range(6)))
            made.append({"file": file, "tier": "stack-two", "index": index, "instruction": "stack the red block on the"
                         " blue block", "failure": verdict, "error": ""})  # fmt: skip
        write_json(filmed(folder, name), {"complete": True, "films": made})


@pytest.fixture(scope="session")
def draw_comparison():
    """Makes a folder as `compare` leaves it, see `draw`."""
    return draw


@pytest.fixture
def finished_comparison(tmp_path) -> ComparisonFolder:
    return draw(tmp_path / "comparison")


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> None:
    """Tests run side by side: a thread each, so that none waits for another's."""
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def demonstrations(tmp_path_factory) -> dict[Cell, Frames]:
    """A few real demonstrations of two tiers."""
    root = tmp_path_factory.mktemp("demonstrations")
    for tier in ("reach", "stack-two"):
        generate(tier, 0.0, Split.TRAIN, 0, 3, root / tier, threads=1)
    return {Cell(tier): load(root / tier) for tier in ("reach", "stack-two")}


@pytest.fixture
def new_learner(demonstrations) -> Callable[..., Learner]:
    """Makes a fresh learner for `demonstrations`, always the same for the same seed."""

    def make(seed: int = 0, **settings) -> Learner:
        scales = Normalisation.of(demonstrations.values())
        policy = new_policy(sizes["tiny"], Vocabulary.of(words()), scales, Contract(), seed)
        return Learner(policy, seed, **{"batch": 8, **settings})

    return make


TINY = Contract(image_size=8)  # of datasets of drawn numbers


def drawn_recording(**changes) -> Recording:
    plan = {"tier": "reach", "level": 0.0, "split": Split.TRAIN, "start": 10, "count": 4, "contract": TINY}
    return Recording(**{**plan, **changes})


def drawn_columns(index: int, frames: int) -> dict[str, np.ndarray]:
    rng, drawn = np.random.default_rng(index), {}
    for column in all_columns(TINY):
        most = 2 if column.dtype.kind == "b" else 200
        drawn[column.name] = rng.integers(0, most, (frames, *column.shape)).astype(column.dtype)
    return drawn


def drawn_dataset(out: Path, failed: tuple[int, ...] = (11,), **changes) -> Path:
    """A dataset of drawn numbers: episode i has i - 6 frames."""
    plan = drawn_recording(**changes)
    staging = Staging(plan, out)
    for index in reversed(plan.indices):
        drawn = drawn_columns(index, index - 6)
        steps = [{name: column[row] for name, column in drawn.items()} for row in range(index - 6)]
        good = index not in failed
        outcome = Outcome(
            plan.episode(index), "expert", f"reach {index % 2}", good, good, float(good), 9, "" if good else "dropped"
        )
        staging.add(*pack_episode(plan, outcome, steps))
    publish(staging, plan, out)
    return out


@pytest.fixture(scope="session")
def write():
    """Writes a dataset of drawn numbers, see `drawn_dataset`."""
    return drawn_dataset


@pytest.fixture(scope="session")
def columns():
    """Draws the columns of an episode of such a dataset, see `drawn_columns`."""
    return drawn_columns


@pytest.fixture(scope="session")
def recording():
    """The plan of such a dataset, see `drawn_recording`."""
    return drawn_recording


@pytest.fixture
def dataset(tmp_path) -> Path:
    return drawn_dataset(tmp_path / "data")
