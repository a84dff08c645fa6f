"""Policies on disk."""

import pytest
import torch
from safetensors.torch import save_file

from envs import Contract, UserError, words
from vla.checkpoint import load_policy, save_policy
from vla.config import sizes
from vla.normalisation import Normalisation
from vla.policy import new_policy
from vla.tensorfile import read_tensors, write_tensors
from vla.tokens import Vocabulary

SCALES = Normalisation((0.1,) * 10, (1.3,) * 10, (0.5,) * 6, (0.2,) * 3, (0.7,) * 3)


@pytest.fixture
def saved(tmp_path):
    policy = new_policy(sizes["tiny"], Vocabulary.of(words()), SCALES, Contract(), 0)
    save_policy(policy, tmp_path / "policy.safetensors", parent="nobody", note={"arm": "uniform"})
    return policy, tmp_path / "policy.safetensors"


def test_a_policy_comes_back_with_all_that_is_needed_to_use_it(saved):
    policy, path = saved
    again = load_policy(path, contract=Contract())
    assert (again.config, again.vocabulary, again.contract) == (policy.config, policy.vocabulary, policy.contract)
    assert again.normalisation == SCALES
    assert all(torch.equal(value, again.state_dict()[name]) for name, value in policy.state_dict().items())
    assert not again.training


def test_where_it_came_from_is_told(saved):
    _, about = read_tensors(saved[1], "policy checkpoint")
    assert about["parent"] == "nobody" and about["note"] == {"arm": "uniform"} and "git_commit" in about


def test_loading_leaves_the_global_stream_alone(saved):
    before = torch.get_rng_state()
    load_policy(saved[1])
    assert torch.equal(before, torch.get_rng_state())


def test_a_missing_checkpoint_is_refused(tmp_path):
    with pytest.raises(UserError, match="There is no policy checkpoint"):
        load_policy(tmp_path / "nowhere")


@pytest.mark.parametrize("kept", [0, 5, 300, -1])
def test_a_truncated_checkpoint_is_refused(saved, kept):
    content = saved[1].read_bytes()
    saved[1].write_bytes(content[:kept])
    with pytest.raises(UserError, match="no policy checkpoint, or a damaged one"):
        load_policy(saved[1])


def test_a_flipped_bit_is_noticed(saved):
    content = bytearray(saved[1].read_bytes())
    content[-2] ^= 4
    saved[1].write_bytes(content)
    with pytest.raises(UserError, match="damaged"):
        load_policy(saved[1])


def test_a_foreign_file_is_refused(tmp_path):
    save_file({"weight": torch.zeros(2)}, tmp_path / "foreign")
    with pytest.raises(UserError, match="no policy checkpoint of Gradatim"):
        load_policy(tmp_path / "foreign")
    (tmp_path / "picture").write_bytes(b"\x89PNG" * 100)
    with pytest.raises(UserError, match="no policy checkpoint"):
        load_policy(tmp_path / "picture")


def test_another_contract_is_refused_naming_both_sides(saved):
    with pytest.raises(UserError, match=r"image_size is 64 for the policy .* and 128 for the world"):
        load_policy(saved[1], contract=Contract(image_size=128))


@pytest.mark.parametrize("part, change", [("config", {"depth": 3}), ("contract", {"arms": 2})])
def test_a_checkpoint_of_another_version_is_refused(saved, part, change):
    tensors, about = read_tensors(saved[1], "policy checkpoint")
    about[part] |= change
    write_tensors(saved[1], "policy checkpoint", tensors, about)
    with pytest.raises(UserError, match="another version of Gradatim"):
        load_policy(saved[1])


def test_weights_that_do_not_fit_the_configuration_are_named(saved):
    tensors, about = read_tensors(saved[1], "policy checkpoint")
    tensors["question"] = torch.zeros(3)
    write_tensors(saved[1], "policy checkpoint", tensors, about)
    with pytest.raises(UserError, match="question differ"):
        load_policy(saved[1])


def test_a_failed_write_leaves_the_old_file(saved, monkeypatch):
    before = saved[1].read_bytes()

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("envs.storage.os.fsync", full)
    with pytest.raises(UserError, match="No space left"):
        save_policy(saved[0], saved[1])
    assert saved[1].read_bytes() == before
    assert [file.name for file in saved[1].parent.iterdir()] == ["policy.safetensors"]
