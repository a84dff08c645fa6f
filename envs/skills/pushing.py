"""Skill "push": slide a thing over the table onto a pad with closed fingers, never lifting it."""

import numpy as np

from envs.skills.grasping import CLOSE, limit, towards, travel_height
from envs.skills.placing import is_over
from envs.skills.transport import RETREAT, at_rest, stands_at
from envs.spaces import TRANSLATION_SCALE
from envs.view import Bools, Floats, Ints, View

LOW = 0.018  # [m] height of the tool centre while it pushes: low enough that no block tips over
SUNK = 0.012  # [m] below this it rises before it pushes on: fingers that press down jam the thing against the table
DOWN = 0.010  # [m] above LOW the hand begins to push
FINGERS = 0.014  # [m] from the tool centre to the front of the closed fingers
BEHIND = 0.021  # [m] from there to the thing, where the hand comes down
LANE = 0.012  # [m] sideways, within which the hand pushes on
SPEED = 0.022  # [m] in a control step, at most
NEAR_ENOUGH = 0.012  # [m] from the pad's middle, the expert stops


class Push:
    name = "push"
    verb = "push"
    lasting = True
    grasps = False

    def motion(self, view: View, thing: Ints, target: Ints) -> Floats:
        at = view.of("position", thing)
        way = (view.of("position", target) - at)[:, :2]
        left = np.sqrt((way**2).sum(axis=1))
        ahead = way / np.maximum(left, 1e-6)[:, None]
        offset = (view.tool - at)[:, :2]
        along = (offset * ahead).sum(axis=1)
        heading = np.arctan2(ahead[:, 1], ahead[:, 0])
        touch = view.reach(thing, heading)[:, 0] + FINGERS
        yaw = heading - np.pi / 2 * np.round(heading / (np.pi / 2))  # so that the fingers push with a flat side
        sideways = offset - along[:, None] * ahead
        aside = np.sqrt((sideways**2).sum(axis=1))
        height = travel_height(view, target)
        low = view.tool[:, 2] < LOW + 0.02
        pushing = (view.tool[:, 2] < LOW + DOWN) & (aside < LANE) & (along < -0.015) & (along > -touch - BEHIND - 0.02)
        behind = np.concatenate([at[:, :2] - (touch + BEHIND)[:, None] * ahead, height[:, None]], axis=1)
        over = np.sqrt(((view.tool - behind)[:, :2] ** 2).sum(axis=1)) < LANE
        behind[:, 2] = np.where(over, LOW, height)
        stuck = low & ~over
        behind[:, :2] = np.where(stuck[:, None], view.tool[:, :2], behind[:, :2])
        step = np.where(view.tool[:, 2] < SUNK, 0.0, np.minimum(-along - touch + left, SPEED))
        onward = view.tool.copy()
        onward[:, :2] += ahead * step[:, None] - 1.8 * sideways
        onward[:, 2] = LOW
        action = towards(view, np.where(pushing[:, None], onward, behind), yaw, CLOSE)
        return np.where((self.relation(view, thing, target) & (left < NEAR_ENOUGH))[:, None], self._rise(view), action)

    def done(self, view: View, thing: Ints, target: Ints) -> Bools:
        return self.relation(view, thing, target) & at_rest(view, thing)

    def relation(self, view: View, thing: Ints, target: Ints) -> Bools:
        """The thing stands on the table, wholly on the pad."""
        return is_over(view, thing, target) & stands_at(view, thing, view.of("half", thing)[:, 2])

    def _rise(self, view: View) -> Floats:
        action = towards(view, view.tool, np.zeros(len(view)), CLOSE)
        rise = np.zeros((len(view), 3))
        rise[:, 2] = np.maximum(LOW + RETREAT - view.tool[:, 2], 0.0) / TRANSLATION_SCALE
        action[:, :3] = limit(rise)
        return action
