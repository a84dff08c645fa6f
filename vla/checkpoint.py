"""Policies on disk: one file that holds the weights and all that is needed to use them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from envs.errors import UserError
from envs.spaces import Contract
from vla.config import PolicyConfig
from vla.contracts import contract_from_json, refuse_mismatch
from vla.normalisation import Normalisation
from vla.policy import Policy
from vla.software import git_commit
from vla.tensorfile import read_tensors, write_tensors
from vla.tokens import Vocabulary

KIND = "policy checkpoint"


def save_policy(policy: Policy, path: Path | str, parent: str = "", note: Mapping[str, Any] | None = None) -> None:
    """Write a policy to `path`. `parent` names what it was trained from; `note` is any JSON to keep with it."""
    about = describe(policy) | {"parent": parent, "note": dict(note or {}), "git_commit": git_commit()}
    write_tensors(Path(path), KIND, policy.state_dict(), about)


def load_policy(path: Path | str, device: torch.device | str = "cpu", contract: Contract | None = None) -> Policy:
    """The policy at `path`, ready to act. With `contract`, refuses a policy that was trained under another one."""
    path = Path(path)
    tensors, about = read_tensors(path, KIND)
    policy = restore(about, tensors, path)
    if contract is not None:
        refuse_mismatch(policy.contract, contract, f"the policy {path}", "the world")
    return policy.to(device).eval()


def describe(policy: Policy) -> dict[str, Any]:
    """All of a policy but its weights, as JSON."""
    return {
        "config": policy.config.to_json(),
        "vocabulary": list(policy.vocabulary.words),
        "normalisation": policy.normalisation.to_json(),
        "contract": policy.contract.to_json(),
    }


def restore(about: Mapping[str, Any], tensors: Mapping[str, Tensor], path: Path) -> Policy:
    """A policy from what `describe` told and its weights."""
    contract = contract_from_json(about["contract"])
    config = PolicyConfig.from_json(about["config"])
    with torch.random.fork_rng(devices=[]):  # the weights drawn at first are thrown away: nobody's stream may notice
        policy = Policy(
            config, Vocabulary(tuple(about["vocabulary"])), Normalisation.from_json(about["normalisation"]), contract
        )
    wanted = {name: tuple(tensor.shape) for name, tensor in policy.state_dict().items()}
    found = {name: tuple(tensor.shape) for name, tensor in tensors.items()}
    if wanted != found:
        odd = sorted(name for name in {*wanted, *found} if wanted.get(name) != found.get(name))
        raise UserError(f"The weights in {path} do not fit its configuration: {', '.join(odd[:3])} differ.")
    policy.load_state_dict(dict(tensors))
    return policy
