"""Motions that carry a held thing somewhere and leave it there: what every skill that sets things down shares."""

import numpy as np

from envs.skills.grasping import (
    CLOSE,
    OPEN,
    hand_yaw,
    is_released,
    limit,
    squared_yaw,
    towards,
    travel_height,
)
from envs.spaces import TRANSLATION_SCALE
from envs.view import Bools, Floats, Ints, View

LEVEL = 0.008  # [m] a thing rests when its height is right to this
STILL = 0.05  # [m/s]
UPRIGHT = 0.96  # cosine of the tilt
CENTRED = 0.008  # [m] sideways, before the hand goes down
LET_GO = 0.004  # [m] above its place, the expert lets go
RETREAT = 0.10  # [m] of the tool above the placed thing


def carry(view: View, thing: Ints, point: Floats, yaw: Floats) -> Floats:
    """Up, across and down until the held thing's centre is at `point` (n, 3) [m]; then open the hand."""
    at = view.of("position", thing)
    place_at = point + np.array([0, 0, 0.002])
    aside = np.sqrt(((at - place_at)[:, :2] ** 2).sum(axis=1))
    above = at[:, 2] - place_at[:, 2]
    height = travel_height(view, thing) + view.of("half", thing)[:, 2]
    over = aside < CENTRED + 0.2 * np.maximum(above - 0.02, 0.0)
    low = at[:, 2] < height - 0.015
    goal = place_at.copy()
    goal[:, 2] = np.where(over, place_at[:, 2], height)
    goal[:, :2] = np.where((low & ~over)[:, None], at[:, :2], place_at[:, :2])
    arrived = over & (above < LET_GO)
    action = towards(view, view.tool + goal - at, yaw, np.where(arrived, OPEN, CLOSE))
    action[arrived, :3] = 0.0
    return action


def leave(view: View, thing: Ints) -> Floats:
    """Open fully, then straight up, then hold still."""
    top = view.of("position", thing)[:, 2] + RETREAT
    action = towards(view, view.tool, squared_yaw(view, thing, near=hand_yaw(view)), OPEN)
    rise = np.zeros((len(view), 3))
    rise[:, 2] = np.maximum(top - view.tool[:, 2], 0.0) / TRANSLATION_SCALE
    action[:, :3] = np.where(is_released(view, thing)[:, None], limit(rise), 0.0)
    return action


def at_rest(view: View, thing: Ints) -> Bools:
    """The thing has been let go of and does not move, (n,)."""
    return is_released(view, thing) & (view.of("speed", thing) < STILL)


def stands_at(view: View, thing: Ints, height: Floats) -> Bools:
    """The thing is upright with its centre at this height (n,) [m], (n,)."""
    level = np.abs(view.of("position", thing)[:, 2] - height) < LEVEL
    return level & (view.of("upright", thing) > UPRIGHT)
