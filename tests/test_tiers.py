"""What must hold on every tier that is registered: registering a tier tests it."""

import numpy as np
import pytest

from envs import Episode, Expert, Play, Split, play, tiers, words
from envs.language import split_words
from envs.laws import LAWS
from envs.situations import situation

EPISODES = {0.0: 40, 1.0: 30}


@pytest.fixture(params=tiers.names())
def tier(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.mark.parametrize("level", EPISODES)
@pytest.mark.parametrize("law", LAWS)
def test_it_keeps_the_law_of(law: str, tier: str, level: float) -> None:
    found = LAWS[law](tiers[tier], level, EPISODES[level])
    assert not found.problem, found.problem
    assert found.told


def test_its_instruction_uses_known_words_and_names_its_things(tier: str) -> None:
    known = set(words())
    for index in range(20):
        text = situation(tiers[tier], Episode(tier, 1.0, Split.TRAIN, index)).instruction.text
        assert set(split_words(text)) <= known
        assert "{" not in text


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
