"""What grasping skills share: is a thing held or released, and motions towards a pose."""

import numpy as np

from envs.arm import MAX_OPENING, PALM_HALF, PALM_HEIGHT
from envs.spaces import ACTION_SIZE, ROTATION_SCALE, TRANSLATION_SCALE
from envs.view import Bools, Floats, Ints, View

OPEN, CLOSE = -1.0, 1.0
GRIP_TOLERANCE = 0.005  # [m] fingers this close to a thing's width hold it
RELEASE_MARGIN = 0.008  # [m] fingers this much wider than a thing have let go
NEAR = 0.015  # [m] of the tool centre: between the fingers
AWAY = 0.06  # [m] from the tool centre: out of the fingers' reach
CLEARANCE = 0.035  # [m] kept between what travels and what stands


def turn_between(current: Floats, wanted: Floats) -> Floats:
    """Axis times sine of the angle from one rotation to another, (n, 3), for angles under a right angle.

    Half the sum of the cross products of the columns (Luh, Walker and Paul 1980).
    """
    return 0.5 * np.cross(current.swapaxes(1, 2), wanted.swapaxes(1, 2)).sum(axis=1)


def downward(yaw: Floats) -> Floats:
    """Tool rotation with the fingers down and the hand turned by `yaw` (n,) [rad], (n, 3, 3)."""
    rotation = np.zeros((len(yaw), 3, 3))
    cos, sin = np.cos(yaw), np.sin(yaw)
    rotation[:, 0, 0], rotation[:, 1, 0] = cos, sin
    rotation[:, 0, 1], rotation[:, 1, 1] = sin, -cos
    rotation[:, 2, 2] = -1.0
    return rotation


def towards(view: View, point: Floats, yaw: Floats, grip: Floats | float) -> Floats:
    """The action that moves the tool centre to `point` (n, 3) [m], fingers down and hand at `yaw`, (n, 7)."""
    action = np.empty((len(view), ACTION_SIZE))
    action[:, :3] = limit((point - view.tool) / TRANSLATION_SCALE)
    action[:, 3:6] = limit(turn_between(view.rotation, downward(yaw)) / ROTATION_SCALE)
    action[:, 6] = grip
    return action


def limit(vector: Floats) -> Floats:
    """Shorten vectors (n, 3) whose largest entry exceeds one, keeping their direction."""
    return vector / np.maximum(1.0, np.abs(vector).max(axis=1, keepdims=True))


def hand_yaw(view: View) -> Floats:
    """Present turn of the hand about the vertical, (n,) [rad]; zero when its x points forward."""
    return np.arctan2(view.rotation[:, 1, 0], view.rotation[:, 0, 0])


def squared_yaw(view: View, thing: Ints, near: Floats | float, turn: Floats | float = np.pi / 2) -> Floats:
    """The turn of the hand that squares it with a thing's faces and is nearest to `near`, (n,) [rad]; those that look
    alike are `turn` [rad] apart."""
    yaw = view.of("yaw", thing)
    return yaw - turn * np.round((yaw - near) / turn)


def grasp_yaw(view: View, thing: Ints) -> Floats:
    """The turn of the hand that has the fingers close across a thing, (n,) [rad]: the one nearest to zero, or a quarter
    turn from it where the palm would come down on something tall beside the thing, if the thing is as long as wide."""
    half = view.of("half", thing)
    square = half[:, 0] == half[:, 1]
    first = squared_yaw(view, thing, 0.0, np.where(square, np.pi / 2, np.pi))
    second = np.where(first > 0, first - np.pi / 2, first + np.pi / 2)
    return np.where(square & _blocked(view, thing, first) & ~_blocked(view, thing, second), second, first)


def _blocked(view: View, thing: Ints, yaw: Floats) -> Bools:
    """The palm, turned by `yaw` and down for the grasp, would touch another thing, (n,)."""
    offset = view.position - view.of("position", thing)[:, None]
    cos, sin = np.cos(yaw)[:, None], np.sin(yaw)[:, None]
    radius = view.half[:, :, :2].max(axis=2) + 0.01
    across = np.abs(cos * offset[..., 0] + sin * offset[..., 1]) < PALM_HALF[0] + radius
    along = np.abs(cos * offset[..., 1] - sin * offset[..., 0]) < PALM_HALF[1] + radius
    touched = across & along & (view.tops > view.of("position", thing)[:, 2:] + PALM_HEIGHT - 0.01)
    touched[np.arange(len(view)), thing] = False
    return touched.any(axis=1)


def width(view: View, thing: Ints) -> Floats:
    """How wide the fingers stand when they hold a thing, (n,) [m]."""
    return 2.0 * view.of("half", thing)[:, 1]


def is_held(view: View, thing: Ints) -> Bools:
    """The thing is between the fingers, and they are closed on it."""
    offset = np.abs(view.of("position", thing) - view.tool)
    wide = width(view, thing)
    near = (offset[:, :2].max(axis=1) < NEAR) & (offset[:, 2] < NEAR + 0.005)
    return near & (np.abs(view.opening - wide) < GRIP_TOLERANCE)


def is_released(view: View, thing: Ints) -> Bools:
    """The fingers are clear of the thing: open around it, or somewhere else."""
    offset = np.abs(view.of("position", thing) - view.tool).max(axis=1)
    opened = view.opening > np.minimum(width(view, thing) + RELEASE_MARGIN, MAX_OPENING - 0.001)
    return opened | (offset > AWAY)


def travel_height(view: View, thing: Ints) -> Floats:
    """Lowest safe height of the underside of what moves `thing` about, over all else that stands, (n,) [m]."""
    tops = view.tops.copy()
    tops[np.arange(len(view)), thing] = 0.0
    return tops.max(axis=1) + CLEARANCE
