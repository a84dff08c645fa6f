"""Workers: every job of a small comparison, from demonstrations to films, and the report from what they leave."""

from dataclasses import replace

import pytest

from benchmarks import worker
from benchmarks.folders import ComparisonFolder
from benchmarks.jobs import filmed, plan_jobs
from benchmarks.page import write_report
from benchmarks.presets import presets
from benchmarks.tables import read_table
from curricula.records import COLLAPSED, RunRecord
from envs.episodes import Cell, Split
from envs.storage import read_json

SMALL = replace(
    presets["smoke"],
    arms=("uniform",),
    seeds=1,
    tiers=("reach",),
    budget=4.5e10,
    batch=4,
    demonstrations=3,
    test_episodes=3,
    dev_episodes=1,
    dev_points=1,
    films=1,
)


@pytest.fixture(scope="module")
def worked(tmp_path_factory):
    """A folder in which every job was done, one after the other."""
    folder = ComparisonFolder(tmp_path_factory.mktemp("small"))
    folder.write_plan(SMALL)
    for job in plan_jobs(SMALL, folder):
        assert worker.main(str(folder.root), job.name) == 0
    return folder


def test_nothing_is_left_to_do(worked):
    assert plan_jobs(SMALL, worked) == []


def test_the_run_s_record_holds_its_test_scores_and_the_seconds_of_every_phase(worked):
    record = RunRecord.load(worked.run("uniform-seed0") / "run.json")
    assert set(record.seconds) == {"generate", "train", "gate", "dev", "test"}
    assert record.test[Cell("reach")].episodes == SMALL.test_episodes
    assert record.exposure[Cell("reach")].samples == record.steps * SMALL.batch


def test_every_test_episode_is_a_row(worked):
    outcomes = read_table(worked.outcomes("uniform-seed0"))
    assert list(outcomes["index"]) == list(range(SMALL.test_episodes))
    assert set(outcomes["split"]) == {Split.TEST.value}
    references = read_table(worked.references)
    assert set(references["arm"]) == {"expert", "random"} and references["seed"].isna().all()
    assert len(references) == 2 * SMALL.test_episodes


def test_a_film_shows_what_the_test_counted(worked):
    (film,) = read_json(filmed(worked, "uniform-seed0"), "films")["films"]
    outcomes = read_table(worked.outcomes("uniform-seed0")).set_index("index")
    assert outcomes.loc[film["index"], "success_at_end"] == film["success_at_end"]
    assert outcomes.loc[film["index"], "steps"] == film["steps"]
    assert (worked.films / film["file"]).exists()


def test_a_film_that_a_killed_job_left_unlisted_is_made_again(worked):
    listing = filmed(worked, "uniform-seed0")
    listing.unlink()
    assert worker.main(str(worked.root), "films/uniform-seed0") == 0
    assert len(read_json(listing, "films")["films"]) == 1


def test_demonstrations_are_removed_once_all_arms_have_used_them(worked):
    assert not worked.seed_data(0).exists()


def test_the_report_is_written_from_what_they_left(worked):
    assert "exploratory" in write_report(worked).read_text()


def test_a_policy_that_collapsed_fails_every_episode(worked):
    record = replace(RunRecord.load(worked.run("uniform-seed0") / "run.json"), status=COLLAPSED)
    outcomes = worker.test(SMALL, record.config, record, worked.root / "no-such-policy")
    assert len(outcomes) == SMALL.test_episodes
    assert {outcome.failure for outcome in outcomes} == {"collapsed"}
    assert not any(outcome.success_at_end or outcome.error for outcome in outcomes)


def test_a_mistake_is_passed_on_as_a_sentence(tmp_path, capsys):
    assert worker.main(str(tmp_path), "references/all") == 2
    assert '"mistake": "There is no comparison in' in capsys.readouterr().out


def test_a_worker_whose_parent_is_gone_ends(tmp_path, monkeypatch):
    def gone(**message):
        raise BrokenPipeError

    ComparisonFolder(tmp_path).write_plan(SMALL)
    monkeypatch.setattr(worker, "say", gone)
    assert worker.main(str(tmp_path), "references/all") == 1
