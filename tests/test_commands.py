"""The commands: quick to start, one sentence for a mistake, exit codes, and what they leave."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from benchmarks import console, doctor
from envs import tiers
from envs.episodes import NAMED_LEVELS
from envs.errors import UserError

ROOT = Path(__file__).resolve().parent.parent


def gradatim(*arguments, **environment):
    """Runs the command in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "benchmarks.console", *map(str, arguments)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        env={**os.environ, **environment},
    )


def test_every_command_is_listed_and_explains_its_options(capsys):
    assert console.main(["--help"]) == 0
    listed = capsys.readouterr().out
    for name in console.COMMANDS:
        assert f"  {name} " in listed
        with pytest.raises(SystemExit) as end:
            console.main([name, "--help"])
        assert end.value.code == 0
        assert f"usage: gradatim {name}" in capsys.readouterr().out


def test_each_command_can_be_run_as_a_module():
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.tiers", "--json"], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0 and json.loads(done.stdout)


def test_listing_tiers_does_not_wait_for_torch():
    code = "import sys; from benchmarks.console import main; main(['tiers']); assert 'torch' not in sys.modules"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr


def test_tiers_prints_every_tier_as_json(capsys):
    assert console.main(["tiers", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert {row["name"] for row in rows} == set(tiers.names())
    assert [row["rank"] for row in rows] == sorted(row["rank"] for row in rows)
    for row in rows:
        assert row["phrases"]["canonical"] == tiers[row["name"]].task.phrases.canonical
        assert len(row["phrases"]["paraphrases"]) >= 8 and row["phrases"]["held_out"] and row["phrases"]["new_words"]


def test_tiers_shows_an_instruction_of_each_level(capsys):
    assert console.main(["tiers"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert all(sum(line.startswith(f"  {level} ") for line in lines) == len(tiers) for level in NAMED_LEVELS)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["tears"], "There is no command named 'tears'.*Did you mean 'tiers'"),
        (
            ["evaluate", "--actor", "expert", "--tiers", "stack-too", "--out", "x"],
            "no tier named 'stack-too'.*stack-two",
        ),
        (["evaluate", "--actor", "expret", "--out", "x"], "There is no actor named 'expret'.*Did you mean 'expert'"),
        (
            ["evaluate", "--actor", "no/policy.safetensors", "--out", "x"],
            "no policy checkpoint at no/policy.safetensors",
        ),
        (
            ["evaluate", "--actor", "zero", "--split", "tset", "--out", "x"],
            "no split named 'tset'.*Did you mean 'test'",
        ),
        (["evaluate", "--actor", "zero", "--level", "heard", "--out", "x"], "no data level named 'heard'"),
        (["evaluate", "--actor", "zero", "--level", "1.5", "--out", "x"], "A data level lies between 0"),
        (["evaluate", "--actor", "zero", "--level", "pool", "--out", "x"], "no data level named 'pool'"),
        (["generate", "--level", "poll", "--out", "x"], "no data level named 'poll'.*Did you mean 'pool'"),
        (["evaluate", "--actor", "zero", "--episodes", "0", "--out", "x"], "The number of episodes is at least 1"),
        (["evaluate", "--actor", "zero", "--split", "test-pairs", "--out", "x"], "No held-out pair.*at level 0"),
        (
            ["evaluate", "--actor", "zero", "--instruction", "rong", "--out", "x"],
            "no kind of instruction named 'rong'.*Did you mean 'wrong'",
        ),
        (["record", "--tier", "reach", "--actor", "zero", "--split", "test-pairs", "--out", "x"], "No held-out pair"),
        (["train", "--schedule", "unifrom", "--out", "x"], "no schedule named 'unifrom'.*Did you mean 'uniform'"),
        (["compare", "--preset", "smok", "--out", "x"], "no preset named 'smok'.*Did you mean 'smoke'"),
        (["compare", "--arms", "anty", "--out", "x"], "no schedule named 'anty'.*Did you mean 'anti'"),
        (["compare", "--arms", "anti", "anti", "--out", "x"], "An arm was named twice"),
        (["compare", "--seeds", "0", "--out", "x"], "at least one seed; 0 was asked for"),
        (["compare", "--budget", "-1", "--out", "x"], "A budget is a positive number of FLOPs"),
        (["compare", "--tiers", "reach", "reach", "--out", "x"], "reach@easy was given twice"),
        (["compare", "--device", "gpu", "--out", "x"], "no device named 'gpu'"),
        (["report", "nowhere"], "There is no comparison in nowhere"),
        (["record", "--tier", "raech", "--actor", "zero", "--out", "x"], "no tier named 'raech'.*Did you mean 'reach'"),
    ],
)
def test_a_mistake_is_one_sentence_and_exit_code_2(arguments, sentence, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert console.main(arguments) == 2
    said = capsys.readouterr().err.strip()
    assert len(said.splitlines()) == 1
    assert re.search(sentence, said)
    assert not list(tmp_path.iterdir()), "nothing may be made before the options are known to be good"


def test_a_damaged_checkpoint_is_one_sentence(tmp_path, capsys):
    damaged = tmp_path / "policy.safetensors"
    damaged.write_bytes(b"not a policy")
    assert console.main(["evaluate", "--actor", str(damaged), "--tiers", "reach", "--out", str(tmp_path / "x")]) == 2
    assert len(capsys.readouterr().err.strip().splitlines()) == 1


def test_an_empty_dataset_folder_is_one_sentence(tmp_path, capsys):
    (tmp_path / "data" / "reach@easy").mkdir(parents=True)
    train = ["train", "--schedule", "uniform", "--tiers", "reach", "--data", str(tmp_path / "data")]
    assert console.main([*train, "--out", str(tmp_path / "run")]) == 2
    assert "no dataset" in capsys.readouterr().err.strip().splitlines()[-1]


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (OSError(28, "No space left on device", "outcomes.csv"), "The disk is full"),
        (OSError(30, "Read-only file system", "results"), "No permission to write or read"),
        (PermissionError(13, "Permission denied", "results"), "No permission to write or read"),
        (OSError("4096 requested and 0 written"), "4096 requested and 0 written"),
    ],
)
def test_what_the_system_refuses_is_one_sentence_and_exit_code_2(error, sentence, capsys):
    def fail(options):
        raise error

    assert console.launch(doctor.Options, fail, []) == 2
    assert sentence in capsys.readouterr().err


def test_ctrl_c_ends_with_one_line_and_exit_code_130(capsys):
    def stop(options):
        raise KeyboardInterrupt

    assert console.launch(doctor.Options, stop, []) == 130
    assert capsys.readouterr().err.strip() == "Stopped. What was finished is kept."


def test_a_file_in_the_way_of_the_results_is_one_sentence(tmp_path):
    (tmp_path / "taken").write_text("a file")
    done = gradatim("evaluate", "--actor", "zero", "--tiers", "reach", "--episodes", 1, "--out", tmp_path / "taken")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr and "taken" in done.stderr


def test_evaluate_counts_and_leaves_a_row_for_each_episode(tmp_path, capsys):
    assert console.main(
        ["evaluate", "--actor", "expert", "--tiers", "reach", "--episodes", "6", "--out", str(tmp_path)]
    ) == 0  # fmt: skip
    said = capsys.readouterr().out
    table = pd.read_csv(tmp_path / "outcomes.csv")
    assert len(table) == 6 and set(table["actor"]) == {"expert"}
    assert f"{table['success_at_end'].sum()}/6" in said and str(tmp_path / "outcomes.csv") in said


def test_generate_tells_its_yield_and_its_place(tmp_path, capsys):
    assert console.main(["generate", "--tiers", "reach", "--episodes", "3", "--out", str(tmp_path / "data")]) == 0
    said = capsys.readouterr().out
    assert "of 3 episodes kept" in said and str(tmp_path / "data") in said
    assert (tmp_path / "data" / "reach@easy").is_dir()


def test_generate_makes_a_pool_and_says_what_was_dropped(tmp_path, capsys):
    pool = ["generate", "--tiers", "reach", "--level", "pool", "--episodes", "3", "--out", str(tmp_path)]
    assert console.main(pool) == 0
    said = capsys.readouterr().out
    assert "reach@pool: 3 of 3 episodes kept" in said and "KB a frame" in said and "no episode was dropped" in said
    assert console.main(pool) == 0
    assert "all were there already" in capsys.readouterr().out


def test_the_doctor_finds_nothing_wrong_here(tmp_path, capsys):
    assert console.main(["doctor", "--out", str(tmp_path)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert sum(line.startswith("OK ") for line in lines) == 7


def test_the_doctor_tells_a_problem_on_its_line(tmp_path, monkeypatch, capsys):
    def no_encoder():
        raise UserError("No video encoder was found.")

    monkeypatch.setattr(doctor, "encoder", no_encoder)
    assert console.main(["doctor", "--out", str(tmp_path)]) == 2
    said = capsys.readouterr()
    assert "problem  video encoder: No video encoder was found." in said.out
    assert "1 of 7 checks found a problem" in said.err


def test_the_doctor_does_not_believe_a_black_picture(monkeypatch):
    from envs.cameras import Cameras

    real = Cameras.render
    monkeypatch.setattr(Cameras, "render", lambda self, ids: {k: 0 * v for k, v in real(self, ids).items()})
    with pytest.raises(UserError, match="black or blank"):
        doctor.simulation()
