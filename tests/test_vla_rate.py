"""The learning rate over a run's budget."""

from itertools import pairwise

import pytest

from vla.rate import LearningRate

RATE = LearningRate(peak=2.0, warmup=0.1, decay=0.5, floor=0.1)


def test_it_warms_up_stays_and_decays():
    assert 0 < RATE(0.0) < 0.1
    assert RATE(0.05) == pytest.approx(1.0, rel=0.02)
    assert RATE(0.1) == RATE(0.3) == RATE(0.5) == 2.0
    assert RATE(0.75) == pytest.approx(2.0 * (0.1 + 0.9 * 0.5))
    assert RATE(1.0) == RATE(1.1) == pytest.approx(0.2)


def test_it_never_jumps():
    steps = [RATE(i / 1000) for i in range(1001)]
    assert max(abs(a - b) for a, b in pairwise(steps)) < 0.025


def test_without_warm_up_and_decay_it_is_constant():
    rate = LearningRate(peak=1e-3, warmup=0.0, decay=0.0)
    assert {rate(0.0), rate(0.5), rate(1.0)} == {1e-3}
