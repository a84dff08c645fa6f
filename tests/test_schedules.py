"""Schedules: pure, sound mixtures, easy to hard where they say so, and the exact rules of each."""

import itertools

import numpy as np
import pytest

from curricula.budget import Budget
from curricula.history import Result
from curricula.ladder import Ladder, build_ladder
from curricula.schedules import schedules
from curricula.schedules.threshold import Threshold
from curricula.stages import Difficulty, Stage, blend, even
from envs.episodes import Cell, Score
from envs.errors import UserError

LADDER = build_ladder([("stack-two", 3), ("reach", 1), ("pick-place", 2)], [0.0])
WIDE = build_ladder([("reach", 1), ("pick-place", 2)], [1.0, 0.0])
REACH, PICK, STACK = LADDER.cells
BUDGET = Budget(1e12)
SLICE = BUDGET.share


def test_a_ladder_has_every_tier_at_every_level_however_they_are_given():
    ladder = build_ladder(iter([("stack-two", 3), ("reach", 1)]), iter([1.0, 0.0]))
    assert [str(cell) for cell in ladder.cells] == ["reach@easy", "reach@hard", "stack-two@easy", "stack-two@hard"]


def play_out(schedule, ladder=LADDER, success=None, budget=BUDGET):
    """The whole history of a run whose GATE success is `success(cell, update)`, 20 episodes each."""
    history = []
    while True:
        rng = np.random.default_rng([0, len(history)])
        stage = schedule.next_stage(ladder, history, budget, rng)
        if stage is None:
            return history
        gate = {cell: Score(round(20 * success(cell, len(history))), 20) for cell in stage.gate}
        history.append(Result(stage, (len(history) + 1) * budget.share, gate, {}, 100))


def never(cell, update):
    return 0.0


def always(cell, update):
    return 1.0


@pytest.mark.parametrize("name", schedules.names())
@pytest.mark.parametrize("ladder", [LADDER, WIDE, Ladder((REACH,))], ids=["tiers", "levels", "one"])
@pytest.mark.parametrize("success", [never, always])
def test_every_schedule_spends_exactly_the_budget_on_cells_of_the_ladder(name, ladder, success):
    history = play_out(schedules[name], ladder, success)
    assert sum(result.stage.share for result in history) == pytest.approx(1)
    assert len(history) == BUDGET.updates
    for result in history:
        assert set(result.stage.mixture) <= set(ladder.cells)
        assert sum(result.stage.mixture.values()) == pytest.approx(1, abs=1e-12)
        assert result.stage.why


@pytest.mark.parametrize("name", schedules.names())
def test_every_schedule_is_a_pure_function_of_its_arguments(name):
    schedule = schedules[name]
    history = play_out(schedule, success=always)
    for length in (7, 3, 12):  # out of order: nothing may be remembered
        again = schedule.next_stage(LADDER, history[:length], BUDGET, np.random.default_rng([0, length]))
        assert again == history[length].stage


@pytest.mark.parametrize("name", [s.name for s in schedules if s.family == "progressive" and not s.closed_loop])
@pytest.mark.parametrize("ladder", [LADDER, WIDE], ids=["tiers", "levels"])
def test_difficulty_never_decreases_in_a_fixed_progressive_schedule(name, ladder):
    history = play_out(schedules[name], ladder, never)
    for before, after in itertools.pairwise(history):
        a, b = before.stage.difficulty, after.stage.difficulty
        assert (a.task <= b.task) and (a.data <= b.data) and (a.model <= b.model) and (a.objective <= b.objective)
    assert history[0].stage.difficulty != history[-1].stage.difficulty


@pytest.mark.parametrize("name", schedules.names())
def test_a_schedule_that_asks_for_gate_success_says_that_it_is_closed_loop(name):
    asks = any(result.stage.gate for result in play_out(schedules[name], success=never))
    assert asks == schedules[name].closed_loop


def test_uniform_gives_every_cell_the_same_weight_at_all_times():
    for result in play_out(schedules["uniform"]):
        assert set(result.stage.mixture.values()) == {1 / 3}


def test_sequential_climbs_in_equal_phases_and_ends_on_all():
    mixtures = [result.stage.mixture for result in play_out(schedules["sequential"])]
    assert mixtures[:5] == [{REACH: 1.0}] * 5
    assert mixtures[5:10] == [{PICK: 0.75, REACH: 0.25}] * 5
    assert mixtures[10:15] == [{STACK: 0.75, REACH: 0.125, PICK: 0.125}] * 5
    assert mixtures[15:] == [even(LADDER.cells)] * 5


def test_anti_is_the_exact_reverse_of_sequential():
    mirror = dict(zip(LADDER.cells, LADDER.cells[::-1], strict=True))
    up, down = play_out(schedules["sequential"]), play_out(schedules["anti"])
    for a, b in zip(up, down, strict=True):
        assert {mirror[cell]: weight for cell, weight in a.stage.mixture.items()} == b.stage.mixture
    visited = [max(r.stage.mixture, key=r.stage.mixture.get) for r in up[:15]]
    assert [max(r.stage.mixture, key=r.stage.mixture.get) for r in down[:15]] == visited[::-1]
    assert [r.stage.difficulty.task for r in down[:15:5]] == [1.0, 0.5, 0.0]


def test_threshold_promotes_after_two_good_evaluations_on_end():
    wins = {0: 0.8, 1: 0.7, 2: 0.75, 3: 0.9}  # the first streak is broken
    history = play_out(Threshold(), success=lambda cell, update: wins.get(update, 0.0))
    assert [max(r.stage.mixture, key=r.stage.mixture.get) for r in history[:5]] == [REACH] * 4 + [PICK]
    assert "promoted from reach@easy" in history[4].stage.why


def test_threshold_leaves_a_rung_that_plateaus_when_its_time_is_out():
    history = play_out(Threshold(), success=never)
    on_reach = [r for r in history if r.stage.gate == (REACH,)]
    assert len(on_reach) == 10  # 1.5 / 3 of the budget
    assert "timed out on reach@easy" in history[10].stage.why


def test_threshold_always_mixes_in_a_tenth_of_uniform():
    for success in (never, always):
        for result in play_out(Threshold(), success=success):
            assert min(result.stage.mixture[cell] for cell in LADDER.cells) >= 0.1 / 3 - 1e-12


def test_threshold_gives_a_quarter_to_review():
    history = play_out(Threshold(), success=always)
    at_pick = history[2].stage
    assert at_pick.mixture == pytest.approx({REACH: 0.9 * 0.25 + 0.1 / 3, PICK: 0.9 * 0.75 + 0.1 / 3, STACK: 0.1 / 3})
    assert history[6].stage.mixture == even(LADDER.cells)


def test_threshold_does_not_pay_for_a_gate_that_nothing_reads():
    history = play_out(Threshold(patience=60.0), success=never)
    assert history[-1].stage.gate == () and history[-2].stage.gate == (REACH,)


def test_an_episode_that_broke_is_no_evidence_of_mastery():
    score = Score(0, 0, errors=20)
    stage = schedules["threshold"].next_stage(LADDER, [], BUDGET, np.random.default_rng(0))
    history = [Result(stage, SLICE, {REACH: score}, {}, 1)] * 2
    assert Threshold().climb(LADDER, history).rung == 0


def test_an_unknown_schedule_is_refused_with_the_nearest_name():
    with pytest.raises(UserError, match="There is no schedule named 'sequental'.*Did you mean 'sequential'"):
        schedules["sequental"]


def test_a_ladder_that_is_too_long_to_climb_is_refused():
    long = Ladder(tuple(Cell("reach", level / 100) for level in range(20)))
    with pytest.raises(UserError, match="A ladder of 20 cells cannot be climbed in 20 updates"):
        play_out(schedules["sequential"], long, never)


def test_the_ladder_goes_from_easy_to_hard():
    assert [str(cell) for cell in WIDE.cells] == ["reach@easy", "reach@hard", "pick-place@easy", "pick-place@hard"]
    assert LADDER.tiers == ("reach", "pick-place", "stack-two")
    with pytest.raises(UserError, match="reach@easy was given twice"):
        Ladder((REACH, PICK, REACH))


def test_a_mixture_that_does_not_sum_to_one_is_refused():
    with pytest.raises(ValueError, match="sum to 1"):
        Stage({REACH: 0.5}, SLICE, Difficulty(0, 0, 0, 0), "half")


def test_a_blend_gives_the_weight_of_an_empty_part_to_the_others():
    assert blend((0.75, {REACH: 1.0}), (0.25, {})) == {REACH: 1.0}


def test_a_result_comes_back_from_json_unchanged():
    for result in play_out(schedules["threshold"], WIDE, always):
        assert Result.from_json(result.to_json()) == result


def test_a_budget_too_small_to_keep_arms_equal_is_refused():
    Budget(100.0).admit_step(1.0)
    with pytest.raises(UserError, match="under 100 training steps"):
        Budget(99.0).admit_step(1.0)
    Budget(100.0).admit_gate(5.0)
    with pytest.raises(UserError, match="Looking at GATE once costs 6 FLOPs"):
        Budget(100.0).admit_gate(6.0)
    with pytest.raises(UserError, match="positive number of FLOPs"):
        Budget(0.0)
