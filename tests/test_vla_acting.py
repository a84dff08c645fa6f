"""A policy as an actor, and its score."""

import numpy as np
import pytest
import torch

from envs import Cell, Contract, Episode, Expert, Play, Split, UserError
from envs.episodes import Outcome
from vla.actor import ROWS, PolicyActor
from vla.compute import inference_flops, reading_flops
from vla.scoring import held_out_losses, score

HOW = Play(slots=4, threads=1)


@pytest.fixture
def policy(new_learner):
    return new_learner().policy


def observation(n: int, seed: int = 0) -> dict:
    rng = np.random.default_rng(seed)
    pixels = {camera: rng.integers(0, 256, (n, 64, 64, 3)).astype(np.uint8) for camera in Contract().cameras}
    return {"pixels": pixels, "agent_pos": rng.normal(size=(n, 10)).astype(np.float32)}


def begin(actor: PolicyActor, ids, text: str = "reach the red block") -> None:
    actor.reset(np.array(ids), [text] * len(ids), [Episode("reach", 0.0, Split.DEV, i) for i in ids])


def test_it_carries_out_part_of_a_chunk_and_then_looks_again(policy):
    actor = PolicyActor(policy, execute=3)
    begin(actor, [0, 1])
    first = [actor.act(observation(2, seed)) for seed in range(4)]
    blind = PolicyActor(policy, execute=3)
    begin(blind, [0, 1])
    same = [blind.act(observation(2, seed)) for seed in (0, 7, 8, 3)]
    assert all(np.array_equal(a, b) for a, b in zip(first, same, strict=True))
    again = PolicyActor(policy, execute=3)
    begin(again, [0, 1])
    other = [again.act(observation(2, seed)) for seed in (0, 1, 2, 9)]
    assert not np.array_equal(first[3], other[3])


def test_a_new_episode_forgets_the_old_chunk_and_leaves_its_neighbours_alone(policy):
    interrupted, alone = PolicyActor(policy), PolicyActor(policy)
    for actor in (interrupted, alone):
        begin(actor, [0, 1])
        actor.act(observation(2))
    begin(interrupted, [1], "reach the blue block")
    now, before = interrupted.act(observation(2, 5)), alone.act(observation(2, 5))
    assert np.array_equal(now[0], before[0]) and not np.array_equal(now[1], before[1])


def test_actions_do_not_depend_on_how_many_are_played_side_by_side(policy):
    many = ROWS + 9
    seen = observation(many)
    crowd = PolicyActor(policy)
    begin(crowd, list(range(many)))
    together = crowd.act(seen)
    for row in (0, ROWS - 1, ROWS, many - 1):
        single = PolicyActor(policy)
        begin(single, [0])
        own = {"pixels": {k: v[[row]] for k, v in seen["pixels"].items()}, "agent_pos": seen["agent_pos"][[row]]}
        assert np.array_equal(single.act(own)[0], together[row])


def test_actions_lie_in_the_action_space(policy):
    actor = PolicyActor(policy)
    begin(actor, [0, 1, 2])
    actions = actor.act(observation(3))
    assert actions.shape == (3, 7) and actions.dtype == np.float32 and np.abs(actions).max() <= 1


def test_flops_are_counted_pass_by_pass(policy):
    actor = PolicyActor(policy)
    begin(actor, [0, 1])
    read = actor.flops
    assert read == reading_flops(policy, ROWS, 8)
    for _ in range(policy.config.execute + 1):
        actor.act(observation(2))
    assert actor.flops == read + 2 * inference_flops(policy, ROWS)


def test_long_instructions_cost_more_to_read_and_short_ones_no_padding(policy):
    brief, wordy = PolicyActor(policy), PolicyActor(policy)
    begin(brief, [0])
    begin(wordy, [0], "stack the red block on the blue block and then the green block on the red block")
    assert brief.flops == reading_flops(policy, ROWS, 8) and wordy.flops == reading_flops(policy, ROWS, 32)


def test_an_instruction_is_read_the_same_beside_longer_ones(policy):
    texts = ["reach the red block", "reach the red block " * 8, "", "stack the red block on the blue block"]
    together, seen = PolicyActor(policy), observation(4)
    together.reset(np.arange(4), texts, [Episode("reach", 0.0, Split.DEV, i) for i in range(4)])
    actions = together.act(seen)
    for row, text in enumerate(texts):
        alone = PolicyActor(policy)
        begin(alone, range(4), text)
        assert np.array_equal(alone.act(seen)[row], actions[row]), text
    assert len({tuple(action) for action in together._sentences.tolist()}) == 4


def test_an_unknown_word_is_named_but_in_the_episodes_that_test_such_words(policy):
    with pytest.raises(UserError, match="'wizened'"):
        begin(PolicyActor(policy), [0], "reach the wizened block")
    heard, unheard = PolicyActor(policy), PolicyActor(policy)
    begin(heard, [0])
    unheard.reset(np.arange(1), ["hoist the red block"], [Episode("reach", 0.0, Split.TEST_WORDS, 0)])
    assert not np.array_equal(heard.act(observation(1)), unheard.act(observation(1)))


def test_images_of_another_size_are_refused(policy):
    actor = PolicyActor(policy)
    begin(actor, [0])
    seen = observation(1)
    seen["pixels"] = {camera: np.zeros((1, 96, 96, 3), np.uint8) for camera in seen["pixels"]}
    with pytest.raises(UserError, match="64×64 pixels and is shown 96×96"):
        actor.act(seen)


@pytest.mark.parametrize("execute", [0, 9])
def test_more_actions_than_a_chunk_holds_cannot_be_carried_out(policy, execute):
    with pytest.raises(UserError, match=f"chunks of 8 cannot carry out {execute}"):
        PolicyActor(policy, execute=execute)


def played(outcomes: list[Outcome]) -> list[tuple]:
    return [(o.episode, o.success_at_end, o.progress, o.steps, o.failure, o.error) for o in outcomes]


def test_a_score_is_the_same_whatever_is_played_beside_it(policy):
    cells = [Cell("reach"), Cell("stack-two")]
    few = score(PolicyActor(policy), cells, Split.DEV, 3, how=Play(slots=2, threads=1))
    many = score(PolicyActor(policy), cells, Split.DEV, 3, how=Play(slots=3, threads=2))
    assert played(few) == played(many)
    assert [(o.episode.tier, o.episode.index) for o in few] == [(c.tier, i) for c in cells for i in range(3)]
    assert all(not o.error for o in few)


def test_the_expert_scores_what_a_random_policy_does_not(policy):
    cells = [Cell("reach")]
    expert = score(Expert(), cells, Split.DEV, 4, start=2, how=HOW)
    assert [o.episode.index for o in expert] == [2, 3, 4, 5]
    assert all(o.success_at_end for o in expert)


def test_held_out_losses_are_the_same_each_time_and_of_each_cell(policy, demonstrations):
    first, second = (held_out_losses(policy, demonstrations, rows=70) for _ in range(2))
    assert first == second and set(first) == set(demonstrations)
    assert all(set(losses) == {"align", "act"} and all(np.isfinite(list(losses.values()))) for losses in first.values())
    alone = held_out_losses(policy, {Cell("stack-two"): demonstrations[Cell("stack-two")]}, rows=70)
    assert alone[Cell("stack-two")]["act"] == pytest.approx(first[Cell("stack-two")]["act"], rel=0.3)


def test_acting_changes_no_weight_and_draws_no_random_number(policy):
    weights, stream = [weight.clone() for weight in policy.parameters()], torch.get_rng_state()
    actor = PolicyActor(policy)
    begin(actor, [0])
    actor.act(observation(1))
    assert all(map(torch.equal, weights, policy.parameters())) and torch.equal(stream, torch.get_rng_state())
