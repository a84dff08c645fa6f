"""The runner on real demonstrations: equal budgets, charged GATE inference, and a run that survives being killed."""

import json
from dataclasses import replace

import pytest
import torch

from curricula import runner
from curricula.progress import Progress
from curricula.records import COLLAPSED, RunConfig, RunRecord
from envs.episodes import Cell, Split
from envs.errors import UserError
from vla import PolicyConfig, generate, load_policy, sizes

MINUTE = PolicyConfig(
    "minute", stem=(4, 4, 4), keypoints=4, text_width=8, width=16, blocks=1, feedforward=16, head_width=16
)
if MINUTE.name not in sizes:
    sizes.add(MINUTE)
REACH, PICK = Cell("reach"), Cell("pick-place")
CONFIG = RunConfig(
    schedule="threshold",
    seed=3,
    cells=(REACH, PICK),
    budget=1.2e10,
    model="minute",
    batch=16,
    gate_episodes=1,
    dev_episodes=1,
    dev_points=2,
)


class Killed(Exception):  # noqa: N818  an event, not an error
    """Stands for the end of the process."""


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demonstrations")
    for cell in CONFIG.cells:
        generate(cell.tier, cell.level, Split.TRAIN, 0, 4, folder / str(cell))
    return {cell: folder / str(cell) for cell in CONFIG.cells}


@pytest.fixture(autouse=True)
def threads():
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def whole_run(data, tmp_path_factory):
    """A run that nobody disturbed: its folder and its record."""
    out = tmp_path_factory.mktemp("whole")
    return out, runner.run(CONFIG, data, out)


def without_time(path):
    record = json.loads(path.read_text())
    return {key: value for key, value in record.items() if key not in {"seconds", "made_with"}}


def test_a_run_spends_its_budget_and_no_more_than_a_step_beyond(whole_run):
    _, record = whole_run
    assert 1.0 <= record.spent <= 1.01
    assert record.flops["gate"] > 0
    assert record.flops["training"] + record.flops["gate"] == pytest.approx(record.spent * CONFIG.budget)


def test_arms_end_within_one_percent_of_each_other(whole_run, data, tmp_path):
    _, closed_loop = whole_run
    uniform = runner.run(replace(CONFIG, schedule="uniform", dev_points=0), data, tmp_path)
    assert uniform.flops["gate"] == 0
    one_step = uniform.flops["training"] / uniform.steps
    assert closed_loop.flops["training"] / closed_loop.steps == pytest.approx(one_step)
    assert closed_loop.steps < uniform.steps, "what GATE cost was not taken from training"
    assert abs(uniform.spent - closed_loop.spent) < 0.01


def test_the_schedule_sees_gate_scores_and_the_learning_curve_is_not_charged(whole_run):
    _, record = whole_run
    assert all(set(result.gate) == set(result.stage.gate) for result in record.stages)
    assert all(score.episodes == 1 for result in record.stages for score in result.gate.values())
    assert [point.spent for point in record.curve] == [0.5, 1.0]
    assert all(set(point.scores) == {REACH, PICK} for point in record.curve)


def test_the_record_counts_steps_and_samples_of_every_cell(whole_run):
    _, record = whole_run
    assert sum(result.steps for result in record.stages) == record.steps
    assert sum(seen.samples for seen in record.exposure.values()) == record.steps * CONFIG.batch
    assert record.exposure[REACH].epochs > 0
    assert {"train", "gate", "dev"} <= set(record.seconds)
    assert record.made_with["versions"]["torch"] == torch.__version__


def test_the_record_comes_back_from_its_file_unchanged(whole_run):
    out, record = whole_run
    assert RunRecord.load(out / runner.RECORD) == record


def test_the_policy_that_is_left_can_act(whole_run):
    out, _ = whole_run
    assert load_policy(out / runner.POLICY).config == MINUTE


def test_a_finished_run_is_not_run_again(whole_run, data):
    out, record = whole_run
    before = (out / runner.POLICY).stat().st_mtime_ns
    assert runner.run(CONFIG, data, out) == record
    assert (out / runner.POLICY).stat().st_mtime_ns == before


def test_a_run_that_is_killed_again_and_again_ends_bit_for_bit_the_same(whole_run, data, tmp_path, monkeypatch):
    within_a_stage, between_stages = (0.0, 23), (1e9, 4)
    for save_every, saves in (within_a_stage, between_stages):
        with monkeypatch.context() as patch, pytest.raises(Killed):
            patch.setattr(runner, "SAVE_EVERY", save_every)
            patch.setattr(Progress, "save", killing(Progress.save, saves))
            runner.run(CONFIG, data, tmp_path)
    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(runner, "sum_up", raise_killed)  # after the policy, before the record
        runner.run(CONFIG, data, tmp_path)
    runner.run(CONFIG, data, tmp_path)
    whole, _ = whole_run
    mine, theirs = (load_policy(folder / runner.POLICY).state_dict() for folder in (tmp_path, whole))
    assert all(torch.equal(mine[name], theirs[name]) for name in theirs)
    assert without_time(tmp_path / runner.RECORD) == without_time(whole / runner.RECORD)
    assert not (tmp_path / runner.STATE).exists()


def killing(save, calls):
    """`save`, which after so many calls is the last thing that happens."""
    count = 0

    def save_and_die(*arguments):
        nonlocal count
        save(*arguments)
        count += 1
        if count == calls:
            raise Killed

    return save_and_die


def raise_killed(*arguments):
    raise Killed


def test_another_run_s_progress_is_refused(data, tmp_path, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(Progress, "save", killing(Progress.save, 1))
        with pytest.raises(Killed):
            runner.run(CONFIG, data, tmp_path)
    with pytest.raises(UserError, match="was begun with other options"):
        runner.run(replace(CONFIG, seed=4), data, tmp_path)


def test_a_run_that_diverges_is_recorded_as_collapsed(data, tmp_path):
    record = runner.run(replace(CONFIG, schedule="uniform", peak_rate=1e12, dev_points=0), data, tmp_path)
    assert record.status == COLLAPSED
    assert record.spent < 1
    assert RunRecord.load(tmp_path / runner.RECORD).status == COLLAPSED


def test_a_budget_of_too_few_steps_is_refused(data, tmp_path):
    with pytest.raises(UserError, match="under 100 training steps"):
        runner.run(replace(CONFIG, budget=1e8), data, tmp_path)


def test_a_gate_that_costs_more_than_a_slice_is_refused(data, tmp_path):
    with pytest.raises(UserError, match="Looking at GATE once costs"):
        runner.run(replace(CONFIG, budget=5e9, gate_episodes=40), data, tmp_path)


def test_a_missing_gpu_is_told(data, tmp_path):
    if torch.cuda.is_available():
        pytest.skip("there is a GPU here")
    with pytest.raises(UserError, match="torch finds no GPU"):
        runner.run(replace(CONFIG, device="cuda"), data, tmp_path)


def test_training_pauses_at_the_points_of_the_curve_and_at_the_stage_s_end():
    assert list(runner.pauses(0.0, 0.035, 0)) == pytest.approx([0.01, 0.02, 0.03, 0.035])
    assert 1 / 3 in list(runner.pauses(0.32, 0.35, 3))
    assert len(list(runner.pauses(0.3, 0.3 + 1e-12, 3))) == 0
    assert len(list(runner.pauses(0.29, 0.1 + 0.2, 10))) == 1  # 0.3 by two names
