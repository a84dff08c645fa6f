"""Training: it learns, it goes on bit for bit after any interruption, and it never hides a collapse."""

import json
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
import torch

from envs import Cell, Contract, UserError
from vla.compute import training_flops
from vla.journal import read_journal
from vla.learner import Learner
from vla.rate import LearningRate
from vla.training import train

CELLS = Cell("reach"), Cell("stack-two")
MIXTURE = dict.fromkeys(CELLS, 0.5)
JOINT = {"act": 1.0, "align": 0.3}
RATE = LearningRate(peak=1e-3, warmup=0.0)
BUDGET = 1e12


def run(learner, data, steps, objectives=JOINT, **settings):
    """Train until the learner has made `steps` steps in all."""
    cost = training_flops(learner.policy, objectives, learner.batch, 8, settings.get("frozen", ()))
    return train(learner, data, MIXTURE, objectives, steps * cost, BUDGET, RATE, **settings)


def everything(learner) -> dict[str, torch.Tensor]:
    """All numbers that a learner carries."""
    numbers = {f"policy.{k}": v.clone() for k, v in learner.policy.state_dict().items()}
    numbers |= {f"average.{k}": v.clone() for k, v in learner.average.state_dict().items()}
    for name, weight in learner.policy.named_parameters():
        numbers |= {f"{k}.{name}": v.clone() for k, v in learner.optimizer.state.get(weight, {}).items()}
    return numbers


def same(first, second) -> bool:
    one, two = everything(first), everything(second)
    counters = all(
        getattr(first, name) == getattr(second, name) for name in ("step", "flops", "samples", "smooth", "collapsed")
    )
    return counters and one.keys() == two.keys() and all(torch.equal(one[name], two[name]) for name in one)


def test_losses_fall(demonstrations, new_learner):
    learner = new_learner()
    first = dict(run(learner, demonstrations, 1).losses)
    last = run(learner, demonstrations, 60).losses
    assert last["act"] < 0.8 * first["act"] and last["align"] < 0.8 * first["align"]
    assert learner.step == 60


def test_training_twice_gives_the_same_bits(demonstrations, new_learner):
    learners = [new_learner() for _ in range(2)]
    for learner in learners:
        run(learner, demonstrations, 6)
    assert same(*learners)
    other = new_learner(seed=1)
    run(other, demonstrations, 6)
    assert not same(learners[0], other)


def test_pausing_changes_no_bit(demonstrations, new_learner):
    whole, paused = new_learner(), new_learner()
    run(whole, demonstrations, 7)
    for steps in (2, 3, 7):
        run(paused, demonstrations, steps)
    assert same(whole, paused)


def test_going_on_from_a_file_changes_no_bit(demonstrations, new_learner, tmp_path):
    whole, cut = new_learner(), new_learner()
    run(whole, demonstrations, 8)
    run(cut, demonstrations, 3, save=tmp_path / "learner", save_every=0.0)
    run(Learner.load(tmp_path / "learner"), demonstrations, 5, save=tmp_path / "learner", save_every=0.0)
    resumed = Learner.load(tmp_path / "learner")
    run(resumed, demonstrations, 8)
    assert same(whole, resumed)


def test_going_on_after_a_kill_changes_no_bit(demonstrations, new_learner, tmp_path):
    """The process dies by SIGKILL in mid-stage; what it saved last is picked up here."""
    script = """
import os, sys
from pathlib import Path
import torch
from vla.datasets import load
from vla.learner import Learner
from vla.rate import LearningRate
from vla.training import train
torch.set_num_threads(int(sys.argv[1]))
out, folders = Path(sys.argv[2]), sys.argv[3:]
data = {frames.cell: frames for frames in map(load, folders)}
class Killer:
    steps = 0
    def update(self, n):
        Killer.steps += 1
        if Killer.steps == 5:
            os.kill(os.getpid(), 9)
train(Learner.load(out), data, dict.fromkeys(data, 0.5), {"act": 1.0, "align": 0.3}, 1e15, 1e12,
      LearningRate(peak=1e-3, warmup=0.0), save=out, save_every=0.0, bar=Killer())
"""
    path = tmp_path / "learner"
    new_learner().save(path)
    folders = [str(frames.folder) for frames in demonstrations.values()]
    command = [sys.executable, "-c", script, str(torch.get_num_threads()), str(path), *folders]
    killed = subprocess.run(command, capture_output=True, text=True)
    assert killed.returncode == -9, killed.stderr
    resumed, whole = Learner.load(path), new_learner()
    assert resumed.step == 5
    run(resumed, demonstrations, 7)
    run(whole, demonstrations, 7)
    assert same(whole, resumed)


def test_the_average_follows_the_weights_slowly(demonstrations, new_learner):
    learner = new_learner(average_decay=0.9)
    before = {name: weight.clone() for name, weight in learner.policy.named_parameters()}
    run(learner, demonstrations, 20)
    name = "trunk.blocks.0.feedforward_in.weight"
    now, average = learner.policy.get_parameter(name), learner.average.get_parameter(name)
    assert 0 < (average - now).norm() < (before[name] - now).norm()


def test_a_frozen_part_does_not_move(demonstrations, new_learner):
    learner = new_learner()
    before = {name: weight.clone() for name, weight in learner.policy.named_parameters()}
    run(learner, demonstrations, 2, frozen=("stems", "text"))
    moved = {name for name, weight in learner.policy.named_parameters() if not torch.equal(weight, before[name])}
    assert moved and not any(name.startswith(("stems", "text")) for name in moved)
    run(learner, demonstrations, 4)
    assert not torch.equal(learner.policy.get_parameter("text.words.weight"), before["text.words.weight"])


def test_align_alone_leaves_the_action_head_as_it_was(demonstrations, new_learner):
    learner = new_learner()
    before = {name: weight.clone() for name, weight in learner.policy.act.named_parameters()}
    report = run(learner, demonstrations, 3, objectives={"align": 1.0})
    assert all(torch.equal(weight, before[name]) for name, weight in learner.policy.act.named_parameters())
    assert set(report.losses) == {"align", "total", "gradient"}


def test_a_loss_that_is_not_finite_ends_training_and_is_recorded(demonstrations, new_learner, tmp_path):
    learner = new_learner()
    run(learner, demonstrations, 3)
    broken = {
        cell: replace(frames, actions=np.full_like(frames.actions, np.nan)) for cell, frames in demonstrations.items()
    }
    before = everything(learner)
    report = run(learner, broken, 9, log=tmp_path / "log.jsonl")
    assert report.collapsed and learner.collapsed and report.steps == 0
    assert all(torch.equal(before[name], value) for name, value in everything(learner).items())
    assert read_journal(tmp_path / "log.jsonl")[-1]["collapsed"]
    learner.save(tmp_path / "learner")
    again = Learner.load(tmp_path / "learner")
    assert again.collapsed and run(again, demonstrations, 9).steps == 0


def test_the_budget_is_never_passed_by_more_than_a_step(demonstrations, new_learner):
    learner = new_learner()
    cost = training_flops(learner.policy, JOINT, learner.batch, 8)
    train(learner, demonstrations, MIXTURE, JOINT, 2.5 * cost, BUDGET, RATE)
    assert learner.flops == 3 * cost


def test_samples_are_counted_by_cell(demonstrations, new_learner):
    report = run(new_learner(), demonstrations, 3)
    assert report.samples == dict.fromkeys(CELLS, 12)


def test_the_log_forgets_what_will_be_trained_again(demonstrations, new_learner, tmp_path):
    log, learner = tmp_path / "log.jsonl", new_learner()
    learner.save(tmp_path / "learner")
    run(learner, demonstrations, 45, log=log)
    first = read_journal(log)
    assert [entry["step"] for entry in first] == [20, 40]
    assert {"rate", "flops", "act", "align", "total", "gradient"} <= set(first[0])
    with open(log, "a") as file:
        file.write('{"step": 60, "fl')
    run(Learner.load(tmp_path / "learner"), demonstrations, 25, log=log)
    assert read_journal(log) == first[:1]


def test_a_mixture_over_a_cell_without_data_is_refused(demonstrations, new_learner):
    with pytest.raises(UserError, match="named 'pick-place@easy'; there is: reach@easy, stack-two@easy"):
        train(new_learner(), demonstrations, {Cell("pick-place"): 1.0}, JOINT, 1, 1, RATE)


def test_an_unknown_objective_is_refused(demonstrations, new_learner):
    with pytest.raises(UserError, match="objective named 'aling'.*Did you mean 'align'"):
        train(new_learner(), demonstrations, MIXTURE, {"aling": 1.0}, 1, 1, RATE)


def test_data_under_another_contract_are_refused_naming_both_sides(demonstrations, new_learner):
    frames = replace(demonstrations[CELLS[0]], contract=Contract(image_size=96))
    with pytest.raises(UserError, match="image_size is 64 for the policy and 96 for the dataset"):
        train(new_learner(), {CELLS[0]: frames}, {CELLS[0]: 1.0}, JOINT, 1, 1, RATE)


def test_a_learner_from_another_number_of_threads_is_refused(new_learner, tmp_path):
    new_learner().save(tmp_path / "learner")
    threads = torch.get_num_threads()
    try:
        torch.set_num_threads(threads + 1)
        with pytest.raises(UserError, match=f"threads {threads}, not {threads + 1}"):
            Learner.load(tmp_path / "learner")
    finally:
        torch.set_num_threads(threads)


def test_a_log_that_cannot_be_written_is_told_in_one_sentence(demonstrations, new_learner, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="Cannot write"):
        run(new_learner(), demonstrations, 1, log=tmp_path / "file" / "log.jsonl")


def test_the_log_is_plain_json(demonstrations, new_learner, tmp_path):
    run(new_learner(), demonstrations, 20, log=tmp_path / "log.jsonl")
    (line,) = (tmp_path / "log.jsonl").read_text().splitlines()
    assert json.loads(line)["step"] == 20
