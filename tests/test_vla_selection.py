"""How kept and dropped layouts differ: told where they do, and not where chance alone makes them."""

import numpy as np
import pytest

from envs import Episode, Split, tiers
from envs.situations import situation
from vla.selection import Selection, measure


def drawn(number, shift=0.0, seed=0):
    rng = np.random.default_rng(seed)
    return [{"way [m]": rng.normal(0.2 + shift, 0.05), "friction": rng.normal(1, 0.1)} for _ in range(number)]


def test_a_bias_is_named_with_its_size():
    told = Selection.of(drawn(200), drawn(40, shift=0.1, seed=1))
    most = told.differences[0]
    assert most.measure == "way [m]" and most.smd == pytest.approx(-2.0, abs=0.4)
    assert abs(told.differences[1].smd) < told.chance < 0.4
    assert "differ most in way [m]" in told.tell() and "SMD −" in told.tell()


def test_too_few_episodes_are_not_compared():
    assert Selection.of(drawn(50), drawn(1)).differences == ()
    assert "too few" in Selection.of(drawn(50), drawn(1)).tell()
    assert "no episode was dropped" in Selection.of(drawn(50), []).tell()


def test_what_never_varies_is_left_out():
    alike = [{"level": 0.5}] * 4
    assert Selection.of(alike, alike).differences == ()


def test_a_selection_comes_back_from_json_unchanged():
    told = Selection.of(drawn(20), drawn(5))
    assert Selection.from_json(told.to_json()) == told


@pytest.mark.parametrize("level", [0.0, 1.0])
@pytest.mark.parametrize("tier", tiers.names())
def test_every_tier_s_layouts_can_be_measured(tier, level):
    for index in range(5):
        episode = Episode(tier, level, Split.TRAIN, index)
        scene = situation(tiers[tier], episode)
        told = measure(episode, scene)
        assert all(np.isfinite(list(told.values())))
        assert told["distractors"] == sum(scene.layout.present[h] for h in scene.layout.objects.handles("distractor"))
        way = told["way from the first thing to the last target [m]"]
        first, last = scene.goal.plan[0].thing, scene.goal.plan[-1].target
        assert way == pytest.approx(np.linalg.norm(scene.layout.position[first] - scene.layout.position[last]))
