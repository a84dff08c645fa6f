"""Statistics over seeds, against cases worked by hand."""

import pandas as pd
import pytest

from benchmarks import evidence
from benchmarks.evidence import contrasts, describe, score_of, seed_means, t_interval


def table(successes, errors=()):
    """Outcomes from {(arm, seed, tier): [success, ...]}; `errors` names the runs and tiers of episodes that broke."""
    rows = [
        {"arm": arm, "seed": seed, "tier": tier, "level": "easy", "success_at_end": bool(good), "error": ""}
        for (arm, seed, tier), goods in successes.items()
        for good in goods
    ]
    rows += [
        {"arm": arm, "seed": seed, "tier": tier, "level": "easy", "success_at_end": False, "error": "it broke"}
        for arm, seed, tier in errors
    ]
    return pd.DataFrame(rows).astype({"seed": "Int64"})


PAIRED = table(
    {
        ("uniform", 0, "reach"): [1, 1],
        ("uniform", 0, "stack"): [0, 0, 0, 1],
        ("uniform", 1, "reach"): [1, 0],
        ("uniform", 1, "stack"): [0, 0, 0, 0],
        ("threshold", 0, "reach"): [1, 1],
        ("threshold", 0, "stack"): [0, 1, 0, 1],
        ("threshold", 1, "reach"): [1, 1],
        ("threshold", 1, "stack"): [0, 0, 0, 1],
        ("expert", None, "reach"): [1, 1],
    }
)


def test_every_tier_weighs_the_same_however_many_episodes_it_has():
    means = seed_means(PAIRED)
    assert means.loc["uniform", 0] == pytest.approx(100 * (1.0 + 0.25) / 2)
    assert means.loc["uniform", 1] == pytest.approx(25.0)
    assert "expert" not in means.index


def test_arms_are_compared_seed_by_seed():
    (result,) = contrasts(PAIRED)
    assert (result.arm, result.baseline) == ("threshold", "uniform")
    assert result.differences == pytest.approx({0: 12.5, 1: 37.5})
    assert result.mean == pytest.approx(25.0)
    assert result.interval == pytest.approx((25 - 12.7062 * 12.5, 25 + 12.7062 * 12.5), rel=1e-4)


def test_the_t_interval_is_the_one_in_the_tables():
    # mean 5, standard deviation 2, n = 4: half-width 3.182446 * 2 / 2
    low, high = t_interval([3.0, 3.0, 7.0, 7.0])
    assert high - low == pytest.approx(2 * 3.182446 * (16 / 3) ** 0.5 / 2, rel=1e-5)
    assert t_interval([1.0]) is None


def test_a_seed_without_its_pair_is_left_out_and_told():
    alone = pd.concat([PAIRED, table({("threshold", 2, "reach"): [1], ("threshold", 2, "stack"): [1]})])
    (result,) = contrasts(alone)
    assert set(result.differences) == {0, 1} and result.excluded == (2,)


def test_an_episode_that_broke_is_neither_success_nor_failure():
    broken = table({("uniform", 0, "reach"): [1, 1]}, errors=[("uniform", 0, "reach")])
    assert seed_means(broken).loc["uniform", 0] == 100.0
    score = score_of(broken)
    assert (score.successes, score.episodes, score.errors) == (2, 2, 1)


def test_without_the_baseline_nothing_is_compared():
    assert contrasts(PAIRED[PAIRED["arm"] != "uniform"]) == []


def test_fewer_than_eight_seeds_are_exploratory():
    assert evidence.is_exploratory(7) and not evidence.is_exploratory(8)


def test_a_contrast_is_told_in_words():
    (result,) = contrasts(PAIRED)
    assert describe(result) == "threshold ended 25.0 points above uniform (95% interval −133.8 to +183.8)"
