"""Skill "place-on": set a held thing down on a block or a pad, and let go of it."""

import numpy as np

from envs.skills.grasping import hand_yaw, is_held, squared_yaw
from envs.skills.picking import Pick
from envs.skills.transport import at_rest, carry, leave, stands_at
from envs.view import Bools, Floats, Ints, View


class PlaceOn:
    name = "place-on"
    verb = "place"
    lasting = True
    grasps = True

    def motion(self, view: View, thing: Ints, target: Ints) -> Floats:
        held, placed = is_held(view, thing), self.relation(view, thing, target)
        yaw = squared_yaw(view, target, near=hand_yaw(view))
        carrying = carry(view, thing, place(view, thing, target), yaw)
        action = np.where(held[:, None], carrying, Pick().motion(view, thing, target))
        return np.where((placed & ~held)[:, None], leave(view, thing), action)

    def done(self, view: View, thing: Ints, target: Ints) -> Bools:
        return self.relation(view, thing, target) & at_rest(view, thing)

    def relation(self, view: View, thing: Ints, target: Ints) -> Bools:
        """The thing stands on the target: at its height, over it, upright; whether it is still held is not asked."""
        return is_over(view, thing, target) & stands_at(view, thing, place(view, thing, target)[:, 2])


def place(view: View, thing: Ints, target: Ints) -> Floats:
    """Where the thing's centre is when it stands on the middle of the target, (n, 3) [m]."""
    point = view.of("position", target).copy()
    point[:, 2] += view.of("half", target)[:, 2] + view.of("half", thing)[:, 2]
    return point


def is_over(view: View, thing: Ints, target: Ints) -> Bools:
    """The thing is over the target: wholly on a pad, with its centre on a block, (n,)."""
    yaw, half = view.of("yaw", target), view.of("half", target)
    flat = half[:, 2:] == 0
    margin = half[:, :2] - np.where(flat, view.reach(thing, yaw), 0)
    offset = view.of("position", thing) - view.of("position", target)
    cos, sin = np.cos(yaw), np.sin(yaw)
    along = np.abs(cos * offset[:, 0] + sin * offset[:, 1])
    across = np.abs(cos * offset[:, 1] - sin * offset[:, 0])
    return (along < margin[:, 0]) & (across < margin[:, 1])
