"""FLOPs of a training step and of an inference: counted once for each shape, never estimated from time.

Multiplications and additions of matrix products and convolutions, forward and backward, as
`torch.utils.flop_counter` counts them; element-wise work and the optimiser are left out.
"""

import copy
from collections.abc import Mapping, Sequence

import torch
from torch.utils.flop_counter import FlopCounterMode

from vla.batch import Batch
from vla.columns import THINGS
from vla.policy import PARTS, Policy

_counted: dict[tuple[object, ...], float] = {}


def training_flops(
    policy: Policy, objectives: Mapping[str, float], batch: int, words: int, frozen: Sequence[str] = ()
) -> float:
    """FLOPs of one optimiser step on `batch` frames whose instructions are `words` long."""
    wanted = tuple(sorted(name for name, weight in objectives.items() if weight > 0))
    key = ("train", policy.config, policy.contract, wanted, batch, words, tuple(sorted(frozen)))
    if key not in _counted:
        stand_in = copy.deepcopy(policy).cpu()
        freeze(stand_in, frozen)
        with FlopCounterMode(display=False) as counter:
            losses = stand_in.losses(blank_batch(policy, batch, words), objectives)
            torch.stack(list(losses.values())).sum().backward()
        _counted[key] = float(counter.get_total_flops())
    return _counted[key]


def inference_flops(policy: Policy, rows: int) -> float:
    """FLOPs of one prediction of action chunks for `rows` observations, the instruction having been read before."""
    key = ("act", policy.config, policy.contract, rows)
    if key not in _counted:
        stand_in = copy.deepcopy(policy).cpu()
        blank = blank_batch(policy, rows, 1)
        sentence = torch.zeros(rows, policy.config.text_width)
        with torch.inference_mode(), FlopCounterMode(display=False) as counter:
            stand_in(blank.pixels, blank.state, sentence, blank.brightness, blank.state_kept)
        _counted[key] = float(counter.get_total_flops())
    return _counted[key]


def reading_flops(policy: Policy, rows: int, words: int) -> float:
    """FLOPs of reading `rows` instructions that are `words` long, padding included."""
    key = ("read", policy.config, rows, words)
    if key not in _counted:
        stand_in = copy.deepcopy(policy).cpu()
        with torch.inference_mode(), FlopCounterMode(display=False) as counter:
            stand_in.read(torch.ones(rows, words, dtype=torch.int64))
        _counted[key] = float(counter.get_total_flops())
    return _counted[key]


def freeze(policy: Policy, frozen: Sequence[str]) -> None:
    """Let the parts named in `frozen` get no gradient, and all others get one."""
    unknown_parts = sorted(set(frozen) - set(PARTS))
    if unknown_parts:
        raise ValueError(f"a policy has the parts {PARTS}, not {unknown_parts}")
    policy.requires_grad_(True)
    for part in frozen:
        getattr(policy, part).requires_grad_(False)


def blank_batch(policy: Policy, rows: int, words: int) -> Batch:
    """A batch of the right shapes that holds nothing."""
    contract, chunk = policy.contract, policy.config.chunk
    cameras, size = len(contract.cameras), contract.image_size
    return Batch(
        pixels=torch.zeros(rows, cameras, size, size, 3, dtype=torch.uint8),
        state=torch.zeros(rows, len(contract.state)),
        words=torch.ones(rows, words, dtype=torch.int64),
        brightness=torch.ones(rows, cameras),
        state_kept=torch.ones(rows),
        actions=torch.zeros(rows, chunk, len(contract.action)),
        valid=torch.ones(rows, chunk),
        position=torch.zeros(rows, THINGS, 3),
        pixel=torch.zeros(rows, cameras, THINGS, 2),
        visible=torch.ones(rows, cameras, THINGS),
    )
