"""The policy: its size, what it computes, and what its parts and objectives depend on."""

from dataclasses import replace

import pytest
import torch

from envs import Contract, words
from vla.align import spread
from vla.batch import Batch
from vla.compute import blank_batch, freeze
from vla.config import sizes
from vla.normalisation import Normalisation
from vla.policy import PARTS, Policy, new_policy
from vla.stem import cell_coordinates
from vla.tokens import Vocabulary

TINY_LIMIT = 700_000  # parameters
SCALES = Normalisation((0.0,) * 10, (1.0,) * 10, (0.5,) * 6, (0.0,) * 3, (1.0,) * 3)


def fresh(seed: int = 0) -> Policy:
    return new_policy(sizes["tiny"], Vocabulary.of(words()), SCALES, Contract(), seed)


def drawn_batch(policy: Policy, rows: int = 4, seed: int = 0) -> Batch:
    draw = torch.Generator().manual_seed(seed)
    blank = blank_batch(policy, rows, 8)
    return replace(
        blank,
        pixels=torch.randint(0, 256, blank.pixels.shape, generator=draw, dtype=torch.uint8),
        state=torch.randn(blank.state.shape, generator=draw),
        words=torch.randint(1, len(policy.vocabulary), blank.words.shape, generator=draw),
        actions=torch.rand(blank.actions.shape, generator=draw) * 2 - 1,
        position=torch.rand(blank.position.shape, generator=draw),
        pixel=torch.rand(blank.pixel.shape, generator=draw) * 2 - 1,
    )


def commands(policy: Policy, batch: Batch) -> torch.Tensor:
    with torch.inference_mode():
        sentence = policy.read(batch.words)
        return policy.command(batch.pixels, batch.state, sentence, batch.brightness, batch.state_kept)


def test_tiny_is_tiny():
    assert sum(weight.numel() for weight in fresh().parameters()) <= TINY_LIMIT


def test_weights_are_a_pure_function_of_the_seed_and_leave_the_global_stream_alone():
    before = torch.get_rng_state()
    first, second, other = fresh(0), fresh(0), fresh(1)
    assert torch.equal(before, torch.get_rng_state())
    name = "trunk.blocks.0.feedforward_in.weight"
    assert all(map(torch.equal, first.parameters(), second.parameters()))
    assert not torch.equal(first.get_parameter(name), other.get_parameter(name))


def test_commands_lie_in_the_action_space_and_the_gripper_is_open_or_closed():
    policy = fresh()
    actions = commands(policy, drawn_batch(policy))
    assert actions.shape == (4, policy.config.chunk, 7)
    wild = policy.act.command(torch.full((1, policy.config.chunk, 7), 9.0), policy.motion_scale)
    assert actions.abs().max() <= 1 and wild.abs().max() <= 1
    assert set(actions[..., 6].unique().tolist()) <= {-1.0, 1.0}


@pytest.mark.parametrize("field", ["pixels", "state", "words"])
def test_every_input_matters_once_trained_a_little(field):
    policy = fresh()
    optimizer = torch.optim.Adam(policy.parameters(), 1e-3)
    batch, other = drawn_batch(policy), drawn_batch(policy, seed=1)
    for _ in range(3):  # the words enter the stems through a layer that starts at zero
        optimizer.zero_grad()
        sum(policy.losses(batch, {"act": 1.0, "align": 1.0}).values()).backward()
        optimizer.step()
    changed = replace(batch, **{field: getattr(other, field)})
    with torch.inference_mode():
        one, two = (
            policy(b.pixels, b.state, policy.read(b.words), b.brightness, b.state_kept).actions
            for b in (batch, changed)
        )
    assert not torch.allclose(one, two, atol=1e-4)


def test_padding_changes_nothing():
    policy = fresh()
    batch = drawn_batch(policy)
    padded = torch.cat([batch.words, torch.zeros(4, 8, dtype=torch.int64)], dim=1)
    with torch.inference_mode():
        assert torch.allclose(policy.read(batch.words), policy.read(padded), atol=1e-5)


def test_the_order_of_words_matters():
    policy = fresh()
    with torch.inference_mode():
        one, other = (
            policy.read(torch.from_numpy(policy.vocabulary.encode_all([text])).long())
            for text in ("stack the red block on the blue block", "stack the blue block on the red block")
        )
    assert (one - other).abs().max() > 1e-2


def test_film_starts_as_the_identity():
    policy = fresh()
    batch = drawn_batch(policy)
    stem = policy.stems["front"]
    with torch.inference_mode():
        seen = [
            stem(batch.pixels[:, 0], batch.brightness[:, 0], torch.full((4, 64), value)).map for value in (0.0, 3.0)
        ]
    assert torch.equal(seen[0], seen[1])


def test_a_dropped_state_token_hides_the_state_from_the_trunk():
    policy = fresh()
    batch = drawn_batch(policy)
    found = []
    policy.trunk.register_forward_hook(lambda _, __, readout: found.append(readout))
    with torch.inference_mode():
        for state in (batch.state, batch.state + 1):
            policy(batch.pixels, state, policy.read(batch.words), batch.brightness, torch.zeros(4))
    assert torch.equal(found[0], found[1])


def test_align_alone_reads_no_action():
    policy = fresh()
    batch = drawn_batch(policy)
    broken = replace(
        batch, actions=torch.full_like(batch.actions, torch.nan), valid=torch.full_like(batch.valid, torch.nan)
    )
    losses = policy.losses(broken, {"align": 1.0, "act": 0.0})
    assert set(losses) == {"align"} and losses["align"].isfinite()
    losses["align"].backward()
    assert all(weight.grad is None for weight in policy.act.parameters())


def test_act_alone_reads_no_grounding_label():
    policy = fresh()
    batch = drawn_batch(policy)
    broken = replace(
        batch, position=torch.full_like(batch.position, torch.nan), pixel=torch.full_like(batch.pixel, torch.nan)
    )
    losses = policy.losses(broken, {"act": 1.0})
    assert set(losses) == {"act"} and losses["act"].isfinite()


def test_steps_beyond_the_end_of_an_episode_do_not_count():
    policy = fresh()
    batch = drawn_batch(policy)
    valid = batch.valid.clone()
    valid[:, 5:] = 0
    other = batch.actions.clone()
    other[:, 5:] = 1.0
    first, second = (
        policy.losses(replace(batch, valid=valid, actions=actions), {"act": 1.0})["act"]
        for actions in (batch.actions, other)
    )
    assert torch.equal(first, second)


def test_things_out_of_sight_do_not_count_in_the_heat_maps():
    policy = fresh()
    batch = drawn_batch(policy)
    hidden = torch.zeros_like(batch.visible)
    first, second = (
        policy.losses(replace(batch, visible=hidden, pixel=pixel), {"align": 1.0})["align"]
        for pixel in (batch.pixel, -batch.pixel)
    )
    assert torch.equal(first, second)


@pytest.mark.parametrize("part", PARTS)
def test_a_frozen_part_gets_no_gradient_and_all_others_do(part):
    policy = fresh()
    freeze(policy, (part,))
    sum(policy.losses(drawn_batch(policy), {"act": 1.0, "align": 1.0}).values()).backward()
    frozen = {name for name, weight in policy.named_parameters() if weight.grad is None}
    assert frozen and all(name.split(".")[0] == part for name in frozen)
    assert frozen == {name for name, _ in policy.named_parameters() if name.split(".")[0] == part}


def test_the_weights_of_a_heat_map_point_where_the_label_is():
    pixel = torch.tensor([[0.1, -0.37], [0.93, 0.5]])
    weights = spread(pixel, (16, 16))
    assert torch.allclose(weights.sum(-1), torch.ones(2))
    assert torch.allclose(weights @ cell_coordinates(16, 16, torch.device("cpu")), pixel, atol=1e-6)


def test_labels_outside_the_image_stay_at_its_border():
    weights = spread(torch.tensor([[7.0, -9.0]]), (4, 4)).view(4, 4)
    assert weights[0, 3] == 1 and weights.sum() == 1
