"""Does one job of a comparison, in a process of its own: `python -m benchmarks.worker FOLDER JOB`.

What to do follows from the folder and the job's name. Progress goes to standard output, one JSON object a line.
"""

import json
import shutil
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from itertools import zip_longest
from pathlib import Path

import pandas as pd

from benchmarks.choices import SCRIPTED
from benchmarks.console import MISTAKE, explain
from benchmarks.films import film
from benchmarks.folders import ComparisonFolder
from benchmarks.jobs import Job, filmed
from benchmarks.presets import SEED_STRIDE, Comparison
from benchmarks.tables import REFERENCE_ARMS, outcomes_frame, read_table, table_at, write_table
from curricula import runner
from curricula.records import COLLAPSED, RunConfig, RunRecord
from envs import Play
from envs.episodes import Episode, Outcome, Score, Split
from envs.errors import UserError
from envs.outside import load_all
from envs.storage import read_json, write_json
from vla import PolicyActor, generate, load_policy, score

Tell = Callable[[str, float], None]
"""Tells (phase, fraction done)."""
TELL_EVERY = 0.5  # [s]
TRAINING = 0.8  # of a run's time, the rest is TEST
COLLAPSE = "collapsed"  # kind of failure of a policy whose training diverged


def main(root: str, name: str) -> int:
    folder = ComparisonFolder(Path(root))
    try:
        load_all()
        comparison = folder.read_plan()
        if comparison is None:
            raise UserError(f"There is no comparison in {root}.")
        job = Job(name, cost=0.0)
        WORK[job.kind](comparison, folder, job.subject, teller())
    except UserError as error:
        say(mistake=str(error))
        return MISTAKE
    except BrokenPipeError:  # whoever started this job is gone
        return 1
    except OSError as error:
        say(mistake=explain(error))
        return MISTAKE
    return 0


def say(**message: object) -> None:
    print(json.dumps(message), flush=True)


def teller() -> Tell:
    last_phase, last_time = "", 0.0

    def tell(phase: str, done: float) -> None:
        nonlocal last_phase, last_time
        if phase != last_phase or time.monotonic() - last_time > TELL_EVERY:
            say(phase=phase, done=round(min(1.0, done), 4))
            last_phase, last_time = phase, time.monotonic()

    return tell


def demonstrate(comparison: Comparison, folder: ComparisonFolder, subject: str, tell: Tell) -> None:
    """One seed's demonstrations of every cell, shared by all arms of that seed."""
    seed, begun = int(subject.removeprefix("seed")), time.perf_counter()
    for place, cell in enumerate(comparison.cells):
        tell("generate", place / len(comparison.cells))
        generate(
            cell.tier,
            cell.level,
            Split.TRAIN,
            seed * SEED_STRIDE,
            comparison.demonstrations,
            folder.data(seed, cell),
            threads=comparison.threads,
        )
    write_json(folder.seed_data(seed) / "seconds.json", {"generate": time.perf_counter() - begun})


def train_and_test(comparison: Comparison, folder: ComparisonFolder, subject: str, tell: Tell) -> None:
    """One run from its demonstrations to the outcomes of its TEST episodes."""
    config = next(config for config in comparison.runs if config.name == subject)
    out = folder.run(config.name)
    data = {cell: folder.data(config.seed, cell) for cell in config.cells}
    record = runner.run(config, data, out, lambda phase, spent: tell(phase, TRAINING * spent))
    tell("test", TRAINING)
    begun = time.perf_counter()
    outcomes = test(comparison, config, record, out / runner.POLICY)
    seconds = {
        **read_json(folder.seed_data(config.seed) / "seconds.json", "time of the demonstrations"),
        **record.seconds,
        "test": time.perf_counter() - begun,
    }
    scores = {cell: Score.of(o for o in outcomes if o.episode.cell == cell) for cell in config.cells}
    replace(record, seconds=seconds, test=scores).save(out / runner.RECORD)
    write_table(outcomes_frame(outcomes, config.schedule, config.seed), folder.outcomes(config.name))
    if all(folder.outcomes(comparison.run_config(arm, config.seed).name).exists() for arm in comparison.arms):
        shutil.rmtree(folder.seed_data(config.seed), ignore_errors=True)  # they can be generated again, bit for bit


def test(comparison: Comparison, config: RunConfig, record: RunRecord, policy: Path) -> list[Outcome]:
    """The outcomes of the frozen TEST episodes; a policy that is not a number fails all of them."""
    if record.status == COLLAPSED:
        episodes = [
            Episode(cell.tier, cell.level, Split.TEST, k)
            for cell in config.cells
            for k in range(comparison.test_episodes)
        ]
        return [Outcome(e, config.schedule, "", False, False, 0.0, 0, failure=COLLAPSE) for e in episodes]
    actor = PolicyActor(load_policy(policy, config.device), name=config.schedule)
    return score(actor, config.cells, Split.TEST, comparison.test_episodes, how=Play(threads=config.threads))


def refer(comparison: Comparison, folder: ComparisonFolder, subject: str, tell: Tell) -> None:
    """What the scripted expert and random actions reach on the same TEST episodes."""
    tables = []
    for place, name in enumerate(REFERENCE_ARMS):
        tell(name, place / len(REFERENCE_ARMS))
        how = Play(threads=comparison.threads)
        outcomes = score(SCRIPTED[name](), comparison.cells, Split.TEST, comparison.test_episodes, how=how)
        tables.append(outcomes_frame(outcomes, name, None))
    write_table(pd.concat(tables), folder.references)


def shoot(comparison: Comparison, folder: ComparisonFolder, subject: str, tell: Tell) -> None:
    """Films of a run's TEST episodes; their list grows with each, so that a killed job goes on after the last."""
    config = next(config for config in comparison.runs if config.name == subject)
    policy, listing = folder.run(subject) / runner.POLICY, filmed(folder, subject)
    done = read_json(listing, "list of films")["films"] if listing.exists() else []
    for half_made in folder.films.glob(f"*-{subject}.mp4"):
        if half_made.name not in {entry["file"] for entry in done}:
            half_made.unlink()
    if RunRecord.load(folder.run(subject) / runner.RECORD).status != COLLAPSED:
        scenes = choose_scenes(read_table(folder.outcomes(subject)), comparison)
        left = [episode for episode in scenes if episode.name not in {entry["episode"] for entry in done}]
        actor = PolicyActor(load_policy(policy, config.device), name=subject)
        for made in film(actor, left, folder.films, threads=config.threads):
            done.append({**made.outcome.row(), "file": made.path.name, "episode": made.outcome.episode.name})
            write_json(listing, {"complete": False, "films": done})
            tell("film", len(done) / len(scenes))
    write_json(listing, {"complete": True, "films": done})


def choose_scenes(outcomes: pd.DataFrame, comparison: Comparison) -> list[Episode]:
    """Up to `films` episodes: from the hardest cell to the easiest a failure and a success each, then the next ones."""
    queues = []
    for cell in reversed(comparison.cells):
        here = table_at(outcomes, cell)
        for good in (False, True):
            index = sorted(here.loc[here["success_at_end"].astype(bool) == good, "index"])
            queues.append([Episode(cell.tier, cell.level, Split.TEST, int(k)) for k in index])
    by_turns = [episode for turn in zip_longest(*queues) for episode in turn if episode is not None]
    return by_turns[: comparison.films]


WORK = {"demonstrations": demonstrate, "run": train_and_test, "references": refer, "films": shoot}


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
