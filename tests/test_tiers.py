"""What must hold on every tier that is registered: registering a tier tests it."""

import warnings

import gymnasium
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env

from envs import Episode, Expert, Play, Random, Score, Split, Zero, play, tiers, words
from envs.actors import Actor
from envs.language import split_words

EPISODES = 40


def outcomes(tier: str, actor: Actor, split: Split, count: int = EPISODES, **how: object) -> list:
    episodes = [Episode(tier, 0.0, split, i) for i in range(count)]
    return [o for tick in play(actor, episodes, Play(image_size=1, **how)) for o in tick.ended if o]  # type: ignore[arg-type]


@pytest.fixture(params=tiers.names())
def tier(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_expert_solves_it_with_its_action_noise_on(tier: str) -> None:
    made = outcomes(tier, Expert(), Split.TRAIN, disturbed=True)
    assert not any(o.error for o in made)
    assert Score.of(made).rate >= 0.9


def test_expert_solves_it_well_before_the_horizon(tier: str) -> None:
    made = outcomes(tier, Expert(), Split.DEV, hold=10)
    assert all(o.success_at_end for o in made)
    assert np.mean([o.steps for o in made]) < 0.8 * tiers[tier].horizon


@pytest.mark.parametrize("actor", [Random(), Zero()], ids=lambda a: a.name)
def test_it_is_not_solved_by_chance_or_at_reset(tier: str, actor: Actor) -> None:
    made = outcomes(tier, actor, Split.DEV)
    assert not any(o.success_once for o in made)
    assert all(o.failure for o in made)


def test_its_instruction_uses_known_words_and_names_its_things(tier: str) -> None:
    known = set(words())
    for o in outcomes(tier, Zero(), Split.TRAIN, 8):
        assert set(split_words(o.instruction)) <= known
        assert "{" not in o.instruction


def test_instructions_vary(tier: str) -> None:
    assert len({o.instruction for o in outcomes(tier, Zero(), Split.TRAIN, 16)}) > 3


def test_gymnasium_accepts_it_without_a_warning(tier: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check_env(gymnasium.make(tiers[tier].gym_id, render_mode="rgb_array").unwrapped)


def test_demonstrations_end_at_rest(tier: str) -> None:
    hold, whole = 10, 0
    for index in range(3):
        episode = Episode(tier, 0.0, Split.TRAIN, index)
        ticks = list(play(Expert(), [episode], Play(image_size=1, hold=hold, disturbed=True)))
        outcome = ticks[-1].ended[0]
        if outcome is not None and outcome.success_at_end:
            whole += 1
            assert all(tick.success.all() for tick in ticks[-hold:])
            assert np.abs(np.stack([tick.actions[0, :6] for tick in ticks[-5:]])).max() < 0.1
    assert whole
