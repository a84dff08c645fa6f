"""Skill "place-on": set a held thing down on a block or a pad, and let go of it."""

import numpy as np

from envs.skills.grasping import CLOSE, OPEN, grasp_yaw, is_held, is_released, limit, towards, travel_height
from envs.skills.picking import Pick
from envs.spaces import TRANSLATION_SCALE
from envs.view import Bools, Floats, Ints, View

LEVEL = 0.008  # [m] a thing rests on another when its height is right to this
STILL = 0.05  # [m/s]
UPRIGHT = 0.96  # cosine of the tilt
CENTRED = 0.008  # [m] sideways, before the hand goes down
LET_GO = 0.004  # [m] above its place, the expert lets go
RETREAT = 0.10  # [m] of the tool above the placed thing


class PlaceOn:
    name = "place-on"
    verb = "place"
    lasting = True

    def motion(self, view: View, thing: Ints, target: Ints) -> Floats:
        held, placed = is_held(view, thing), self.relation(view, thing, target)
        action = np.where(held[:, None], self._carry(view, thing, target), Pick().motion(view, thing, target))
        return np.where((placed & ~held)[:, None], self._leave(view, thing), action)

    def done(self, view: View, thing: Ints, target: Ints) -> Bools:
        still = view.of("speed", thing) < STILL
        return self.relation(view, thing, target) & is_released(view, thing) & still

    def relation(self, view: View, thing: Ints, target: Ints) -> Bools:
        """The thing stands on the target: at its height, over it, upright; whether it is still held is not asked."""
        offset = view.of("position", thing) - place(view, thing, target)
        yaw = view.of("yaw", target)
        cos, sin = np.cos(yaw), np.sin(yaw)
        along = np.abs(cos * offset[:, 0] + sin * offset[:, 1])
        across = np.abs(cos * offset[:, 1] - sin * offset[:, 0])
        margin = support(view, thing, target)
        over = (along < margin[:, 0]) & (across < margin[:, 1])
        return over & (np.abs(offset[:, 2]) < LEVEL) & (view.of("upright", thing) > UPRIGHT)

    def _carry(self, view: View, thing: Ints, target: Ints) -> Floats:
        """Up, across and down, by where the held thing is; open the hand when it has arrived."""
        at = view.of("position", thing)
        place_at = place(view, thing, target)
        place_at[:, 2] += 0.002
        aside = np.sqrt(((at - place_at)[:, :2] ** 2).sum(axis=1))
        above = at[:, 2] - place_at[:, 2]
        height = travel_height(view, thing) + view.of("half", thing)[:, 2]
        over = aside < CENTRED + 0.2 * np.maximum(above - 0.02, 0.0)
        low = at[:, 2] < height - 0.015
        goal = place_at.copy()
        goal[:, 2] = np.where(over, place_at[:, 2], height)
        goal[:, :2] = np.where((low & ~over)[:, None], at[:, :2], place_at[:, :2])
        arrived = over & (above < LET_GO)
        action = towards(view, view.tool + goal - at, grasp_yaw(view, target), np.where(arrived, OPEN, CLOSE))
        action[arrived, :3] = 0.0
        return action

    def _leave(self, view: View, thing: Ints) -> Floats:
        """Open fully, then straight up, then hold still."""
        top = view.of("position", thing)[:, 2] + RETREAT
        action = towards(view, view.tool, grasp_yaw(view, thing), OPEN)
        rise = np.zeros((len(view), 3))
        rise[:, 2] = np.maximum(top - view.tool[:, 2], 0.0) / TRANSLATION_SCALE
        action[:, :3] = np.where(is_released(view, thing)[:, None], limit(rise), 0.0)
        return action


def place(view: View, thing: Ints, target: Ints) -> Floats:
    """Where the thing's centre is when it stands on the middle of the target, (n, 3) [m]."""
    point = view.of("position", target).copy()
    point[:, 2] += view.of("half", target)[:, 2] + view.of("half", thing)[:, 2]
    return point


def support(view: View, thing: Ints, target: Ints) -> Floats:
    """How far from the target's middle the thing may stand, along and across, (n, 2) [m].

    On a wider target it must stand wholly inside; on another block its centre must be over the block.
    """
    thing_half, target_half = view.of("half", thing)[:, :2], view.of("half", target)[:, :2]
    inside = target_half - thing_half
    return np.where(inside > 0.01, inside, target_half)
