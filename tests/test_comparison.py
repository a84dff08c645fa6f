"""Comparisons: what there is to do, in which order, in whose folder; and workers that end when they should."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.console import JobError
from benchmarks.executor import run_jobs
from benchmarks.folders import ComparisonFolder, open_folder
from benchmarks.jobs import Job, plan_jobs
from benchmarks.presets import SEED_STRIDE, Comparison, check, presets
from benchmarks.worker import choose_scenes, teller
from envs import tiers
from envs.errors import UserError
from envs.storage import read_json, write_json

ROOT = Path(__file__).resolve().parent.parent
SMOKE = presets["smoke"]


@pytest.mark.parametrize("name", presets.names())
def test_every_preset_can_be_run(name):
    check(presets[name])
    assert "uniform" in presets[name].arms
    assert presets[name].test_episodes and presets[name].demonstrations < SEED_STRIDE


def test_cells_go_from_easy_to_hard_whatever_the_order_of_the_tiers():
    mixed = replace(SMOKE, tiers=("stack-two", "reach"), levels=("hard", "easy"))
    assert list(map(str, mixed.cells)) == ["reach@easy", "reach@hard", "stack-two@easy", "stack-two@hard"]


def test_a_comparison_comes_back_from_json_unchanged():
    assert Comparison.from_json(SMOKE.to_json()) == SMOKE


def test_runs_wait_for_their_seed_s_demonstrations_and_films_for_their_run(tmp_path):
    jobs = {job.name: job for job in plan_jobs(SMOKE, ComparisonFolder(tmp_path))}
    assert jobs["run/threshold-seed1"].needs == ("demonstrations/seed1",)
    assert jobs["films/uniform-seed0"].needs == ("run/uniform-seed0",)
    assert list(jobs)[:2] == ["demonstrations/seed0", "run/uniform-seed0"]
    assert "references/all" in jobs


def test_what_is_done_is_not_done_again(finished_comparison):
    comparison = finished_comparison.read_plan()
    assert plan_jobs(comparison, finished_comparison) == []
    finished_comparison.outcomes("uniform-seed1").unlink()
    assert [job.name for job in plan_jobs(comparison, finished_comparison)] == [
        "demonstrations/seed1", "run/uniform-seed1"
    ]  # fmt: skip


def test_a_folder_goes_on_with_what_it_holds(tmp_path):
    folder = ComparisonFolder(tmp_path)
    held = replace(SMOKE, seeds=3)
    folder.write_plan(held)
    assert open_folder(tmp_path, None, {}, default=presets["quick"]) == held
    assert open_folder(tmp_path, None, {"seeds": 3}, default=presets["quick"]) == held
    assert open_folder(tmp_path, SMOKE, {"seeds": 3}, default=presets["quick"]) == held


@pytest.mark.parametrize(
    ("preset", "overrides", "sentence"),
    [
        (None, {"seeds": 4}, "with seeds 2, and 4 was asked for"),
        (None, {"arms": ("uniform", "anti")}, "with arms uniform threshold, and uniform anti was asked for"),
        (None, {"budget": 1e9}, "with budget .*, and 1e.09 was asked for"),
        (presets["quick"], {}, "with preset smoke, and quick was asked for"),
    ],
)
def test_options_that_contradict_a_folder_are_refused(preset, overrides, sentence, tmp_path):
    ComparisonFolder(tmp_path).write_plan(SMOKE)
    with pytest.raises(UserError, match=sentence):
        open_folder(tmp_path, preset, overrides, default=presets["quick"])


def test_a_folder_with_other_files_is_left_alone(tmp_path):
    (tmp_path / "thesis.tex").write_text("years of work")
    with pytest.raises(UserError, match="holds other files and no comparison"):
        open_folder(tmp_path, None, {}, default=SMOKE)


@pytest.mark.parametrize("damage", ["not json", '{"schema": 99}', '{"schema": 1, "comparison": {"arms": []}}'])
def test_a_damaged_or_foreign_plan_is_refused(damage, tmp_path):
    folder = ComparisonFolder(tmp_path)
    folder.plan.write_text(damage)
    with pytest.raises(UserError, match="damaged|another version"):
        folder.read_plan()


def test_a_folder_begun_with_another_version_of_a_tier_is_refused(tmp_path):
    folder = ComparisonFolder(tmp_path)
    folder.write_plan(SMOKE)
    record = read_json(folder.plan, "comparison")
    record["tier_versions"]["reach"] = tiers["reach"].version + 1
    write_json(folder.plan, record)
    with pytest.raises(UserError, match="was begun with version"):
        folder.read_plan()


def test_two_processes_on_one_folder_are_refused(tmp_path):
    folder = ComparisonFolder(tmp_path)
    with folder.locked(), pytest.raises(UserError, match="Another process works in"), folder.locked():
        pass
    with folder.locked():  # and it is free again afterwards
        pass


NOTE = "open(OUT, 'a').write('{} ')"


def run_scripts(scripts, tmp_path, slots=2, watch=lambda running, done: None):
    """Runs jobs, each a piece of Python; {name: (code, needs)}. Returns what they appended to a file, line by line."""
    jobs = [Job(f"do/{name}", 1.0, tuple(f"do/{need}" for need in needs)) for name, (_, needs) in scripts.items()]
    folder = ComparisonFolder(tmp_path)
    with folder.locked() as lock:
        run_jobs(
            jobs,
            slots,
            command=lambda job: ["-c", scripts[job.subject][0].replace("OUT", repr(str(tmp_path / "told")))],
            log=lambda job: folder.log(job.name),
            threads=1,
            lock=lock,
            watch=watch,
        )
    return (tmp_path / "told").read_text().split()


def test_jobs_run_after_those_they_need(tmp_path):
    told = run_scripts(
        {"c": (NOTE.format("c"), ["b"]), "b": (NOTE.format("b"), ["a"]), "a": (NOTE.format("a"), [])}, tmp_path
    )
    assert told == ["a", "b", "c"]


def test_progress_of_a_job_is_passed_on(tmp_path):
    seen = []
    code = "import json; print(json.dumps({'phase': 'train', 'done': 0.5}), flush=True); " + NOTE.format("x")
    run_scripts({"a": (code, [])}, tmp_path, watch=lambda running, done: seen.append((dict(running), done)))
    assert ({"do/a": ("train", 0.5)}, 0.5) in seen and seen[-1] == ({}, 1.0)


def test_a_job_that_breaks_stops_the_others_and_its_log_is_named(tmp_path):
    ready = tmp_path / "ready"
    fails = f"import os, time\nwhile not os.path.exists({str(ready)!r}): time.sleep(0.05)\nraise ValueError('too bad')"
    waits = (
        "import signal, sys, time\n"
        f"signal.signal(signal.SIGTERM, lambda *_: sys.exit({NOTE.format('asked-to-end')}))\n"
        f"open({str(ready)!r}, 'w').close()\n"
        "time.sleep(60)"
    )
    with pytest.raises(JobError, match=r"do/a broke \(exit code 1\): ValueError: too bad; its log is .*do-a.txt"):
        run_scripts({"a": (fails, []), "b": (waits, [])}, tmp_path)
    assert (tmp_path / "told").read_text() == "asked-to-end "


def test_a_job_s_mistake_is_told_as_its_own_sentence(tmp_path):
    code = "import json; print(json.dumps({'mistake': 'The disk is full.'}), flush=True); raise SystemExit(2)"
    with pytest.raises(UserError, match=r"^The disk is full\.$"):
        run_scripts({"a": (code, [])}, tmp_path)


def test_jobs_that_wait_for_one_another_are_refused(tmp_path):
    with pytest.raises(JobError, match="wait for one another"):
        run_scripts({"a": ("pass", ["b"]), "b": ("pass", ["a"])}, tmp_path)


def test_workers_end_when_their_parent_is_killed(tmp_path):
    """The parent dies without a chance to tidy up; its worker notices at its next line."""
    worker, parent = tmp_path / "worker.py", tmp_path / "parent.py"
    worker.write_text(
        "import os, time\n"
        f"open({str(tmp_path / 'pid')!r}, 'w').write(str(os.getpid()))\n"
        "while True:\n"
        "    print('{}', flush=True)\n"
        "    time.sleep(0.1)\n"
    )
    parent.write_text(
        "from pathlib import Path\n"
        "from benchmarks.executor import run_jobs\n"
        "from benchmarks.folders import ComparisonFolder\n"
        "from benchmarks.jobs import Job\n"
        f"folder = ComparisonFolder(Path({str(tmp_path / 'results')!r}))\n"
        "with folder.locked() as lock:\n"
        f"    command = [{str(worker)!r}]\n"
        "    run_jobs([Job('do/a', 1.0)], 1, lambda job: command, lambda job: folder.log('a'), 1, lock, print)\n"
    )
    process = subprocess.Popen(
        [sys.executable, parent], stdout=subprocess.DEVNULL, env={**os.environ, "PYTHONPATH": str(ROOT)}
    )
    pid = int(wait_for(lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text()))
    assert alive(pid)
    process.send_signal(signal.SIGKILL)
    process.wait()
    wait_for(lambda: not alive(pid))
    with ComparisonFolder(tmp_path / "results").locked():  # the folder is free again
        pass


def wait_for(condition, seconds=20):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := condition():
            return found
        time.sleep(0.05)
    raise AssertionError("this did not come true")


def alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z" if Path("/proc").exists() else True


def test_scenes_are_failures_and_successes_from_the_hardest_tier_on(finished_comparison):
    from benchmarks.tables import read_table

    comparison = replace(finished_comparison.read_plan(), films=4)
    outcomes = read_table(finished_comparison.outcomes("uniform-seed0"))
    scenes = choose_scenes(outcomes, comparison)
    good = {(o.tier, o["index"]): bool(o.success_at_end) for _, o in outcomes.iterrows()}
    assert [(scene.tier, good[scene.tier, scene.index]) for scene in scenes] == [
        ("stack-two", False), ("stack-two", True), ("pick-place", False), ("pick-place", True)
    ]  # fmt: skip


def test_a_worker_tells_each_phase_but_not_every_step(capsys):
    tell = teller()
    for k in range(1000):
        tell("train", k / 1000)
    tell("test", 1.0)
    assert [line.split('"')[3] for line in capsys.readouterr().out.splitlines()] == ["train", "test"]
