"""Progress and success say what a person would say, looking at the table."""

from dataclasses import replace

import numpy as np
import pytest

from envs.failures import kind_of_failure
from envs.plans import HOLD_STEPS, Plans
from envs.skills import Step, pick, place_on, push, put_aside, reach, skills
from envs.skills.clearing import AWAY, free_spot
from envs.skills.grasping import is_held, is_released
from envs.skills.reaching import HOVER
from envs.skills.transport import RETREAT
from envs.view import View, stance

HALF = 0.02
ALL = np.array([0])


def table(a: tuple[float, float, float], b: tuple[float, float, float] = (0.5, 0.1, HALF)) -> View:
    """Two blocks at given places and the open hand high above everything."""
    return View(
        tool=np.array([[0.4, -0.2, 0.3]]),
        rotation=np.diag([1.0, -1.0, -1.0])[None],
        opening=np.array([0.08]),
        position=np.array([[a, b]]),
        yaw=np.zeros((1, 2)),
        upright=np.ones((1, 2)),
        speed=np.zeros((1, 2)),
        half=np.full((1, 2, 3), HALF),
        round=np.zeros((1, 2), bool),
    )


def placed(view: View) -> bool:
    return bool(skills["place-on"].done(view, np.array([0]), np.array([1]))[0])


ON = (0.5, 0.1, 3 * HALF)


def test_a_released_block_on_another_is_stacked() -> None:
    assert placed(table(ON))


def test_a_hovering_block_is_not_stacked() -> None:
    assert not placed(table((0.5, 0.1, 3 * HALF + 0.01)))


def test_a_block_beside_another_is_not_stacked() -> None:
    assert not placed(table((0.5, 0.14, HALF)))


def test_a_block_whose_centre_hangs_over_the_edge_is_not_stacked() -> None:
    assert not placed(table((0.5 + HALF + 0.001, 0.1, 3 * HALF)))


def test_a_tilted_block_is_not_stacked() -> None:
    assert not placed(replace(table(ON), upright=np.array([[0.9, 1.0]])))


def test_a_moving_block_is_not_stacked() -> None:
    assert not placed(replace(table(ON), speed=np.array([[0.2, 0.0]])))


def test_a_block_still_in_the_fingers_is_not_stacked() -> None:
    held = replace(table(ON), tool=np.array([ON]), opening=np.array([2 * HALF]))
    assert is_held(held, np.array([0]))[0]
    assert not is_released(held, np.array([0]))[0]
    assert not placed(held)


def test_a_cube_may_lie_on_any_face() -> None:
    root = np.sqrt(0.5)
    quats = np.array([[1, 0, 0, 0], [root, root, 0, 0], [root, 0, root, 0], [root, 0, 0, root], [0, 1, 0, 0]], float)
    stands = stance(quats, np.full((len(quats), 3), HALF), np.zeros(len(quats), bool))
    np.testing.assert_allclose(stands.upright, 1, atol=1e-12)
    np.testing.assert_allclose(np.sin(2 * stands.yaw), 0, atol=1e-12)  # squared with the table


BAR = np.array([0.03, 0.02, 0.016])


def test_a_bar_has_the_size_of_the_face_it_lies_on() -> None:
    root = np.sqrt(0.5)
    quats = np.array([[1, 0, 0, 0], [root, 0, 0, root], [root, root, 0, 0], [root, 0, root, 0], [0, 1, 0, 0]])
    stands = stance(quats, np.tile(BAR, (5, 1)), np.zeros(5, bool))
    x, y, z = BAR
    np.testing.assert_allclose(stands.half, [[x, y, z], [x, y, z], [x, z, y], [y, z, x], [x, y, z]])
    np.testing.assert_allclose(stands.upright, 1)
    np.testing.assert_allclose(np.sin(stands.yaw), [0, 1, 0, 1, 0], atol=1e-12)  # of its longer side


def test_a_cylinder_stands_on_its_ends_alone() -> None:
    root = np.sqrt(0.5)
    quats = np.array([[1, 0, 0, 0], [root, root, 0, 0], [0, 1, 0, 0]])
    stands = stance(quats, np.tile([0.02, 0.02, 0.01], (3, 1)), np.ones(3, bool))
    np.testing.assert_allclose(stands.upright, [1, 0, 1], atol=1e-12)
    np.testing.assert_allclose(stands.half, np.tile([0.02, 0.02, 0.01], (3, 1)))


def test_a_tilted_cube_is_not_upright() -> None:
    angle = np.deg2rad(30)
    stands = stance(np.array([np.cos(angle / 2), np.sin(angle / 2), 0, 0]), np.full(3, HALF), np.array(False))
    assert stands.upright == pytest.approx(np.cos(angle))


def run(plan: tuple[Step, ...], views: list[View]) -> Plans:
    plans = Plans(1)
    plans.begin(ALL, [plan])
    for view in views:
        plans.advance(ALL, plans.judge(view))
    return plans


def test_success_must_hold_for_three_control_steps() -> None:
    plan = (place_on(0, 1),)
    assert not run(plan, [table(ON)] * (HOLD_STEPS - 1)).success(ALL)[0]
    assert run(plan, [table(ON)] * HOLD_STEPS).success(ALL)[0]


def test_success_is_lost_when_the_tower_falls_and_progress_is_not() -> None:
    plans = run((place_on(0, 1),), [*[table(ON)] * HOLD_STEPS, table((0.6, 0.0, HALF))])
    assert not plans.success(ALL)[0]
    assert plans.progress(ALL)[0] == 1.0


def test_a_goal_reached_in_an_unforeseen_way_counts() -> None:
    plans = run((pick(0), place_on(0, 1)), [table(ON)] * HOLD_STEPS)
    assert plans.success(ALL)[0]
    assert plans.progress(ALL)[0] == 1.0


def test_an_undone_step_is_worked_on_again() -> None:
    plan = (place_on(0, 1), reach(1))
    plans = run(plan, [table(ON)])
    assert plans.current(plans.judge(table(ON)))[0] == 1
    assert plans.current(plans.judge(table((0.6, 0.0, HALF))))[0] == 0


def test_expert_leaves_a_finished_tower_alone() -> None:
    above = replace(table(ON), tool=np.array([[ON[0], ON[1], ON[2] + RETREAT]]))
    action = skills["place-on"].motion(above, np.array([0]), np.array([1]))
    np.testing.assert_allclose(action[0, :6], 0, atol=1e-9)
    assert action[0, 6] == -1


def failure(view: View, plan: tuple[Step, ...], latched: int = 0, once: bool = False) -> str:
    plans = run(plan, [])
    plans.latched[:] = latched
    return kind_of_failure(0, plans, view, plans.judge(view), once)


def test_failures_are_told_apart() -> None:
    asked = (pick(0), place_on(0, 1))
    off, elsewhere = table((0.6, 0.0, HALF)), (0.6, 0.0, HALF)
    assert failure(off, asked) == "no grasp"
    assert failure(off, asked, latched=1) == "dropped"
    assert failure(off, asked, latched=1, once=True) == "undone"
    in_hand = replace(table((0.4, 0.0, 0.2)), tool=np.array([[0.4, 0.0, 0.2]]), opening=np.array([2 * HALF]))
    assert failure(in_hand, asked, latched=1) == "time out"
    assert failure(in_hand, (pick(1), place_on(1, 0))) == "wrong object"
    assert (
        failure(replace(table(ON), tool=np.array([ON]), opening=np.array([2 * HALF])), asked, latched=1)
        == "not released"
    )
    over_other = replace(off, tool=np.array([[*elsewhere[:2], 2 * HALF + HOVER]]))
    assert failure(over_other, (reach(1),)) == "wrong object"
    assert failure(replace(over_other, tool=np.array([[0.3, 0.3, 0.3]])), (reach(1),)) == "time out"


def aside(view: View) -> bool:
    return bool(skills["put-aside"].done(view, np.array([0]), np.array([1]))[0])


def test_a_block_is_aside_when_the_hand_can_come_between() -> None:
    assert aside(table((0.5 + AWAY + 0.001, 0.1, HALF)))
    assert not aside(table((0.5 + AWAY - 0.001, 0.1, HALF)))
    assert not aside(table(ON))
    assert not aside(table((0.6, -0.1, HALF + 0.02)))  # in the air


def test_a_free_spot_is_clear_of_everything() -> None:
    view = table(ON)
    spot = free_spot(view, np.array([0]), np.array([1]))[0]
    assert 0.09 <= np.abs(spot[:2] - [0.5, 0.1]).max() < 0.12
    assert spot[2] == HALF


def test_a_pushed_block_must_lie_wholly_on_its_pad() -> None:
    pad = np.array([[[HALF] * 3, [0.05, 0.05, 0.0]]])

    def pushed(x: float, z: float = HALF) -> bool:
        view = replace(table((x, 0.1, z), (0.5, 0.1, 0.0)), half=pad)
        return bool(skills["push"].done(view, np.array([0]), np.array([1]))[0])

    assert pushed(0.5 + 0.029)
    assert not pushed(0.5 + 0.031)
    assert not pushed(0.5, HALF + 0.02)


def test_a_push_that_fell_short_is_misplaced() -> None:
    assert failure(table((0.6, 0.0, HALF)), (push(0, 1),)) == "misplaced"


def test_a_cleared_block_need_not_stay_where_it_was_put() -> None:
    plan = (put_aside(0, 1), reach(1))
    plans = run(plan, [table((0.6, 0.0, HALF))])
    assert plans.current(plans.judge(table((0.53, 0.1, HALF))))[0] == 1
