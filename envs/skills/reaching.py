"""Skill "reach": bring the open hand over a thing."""

import numpy as np

from envs.skills.grasping import OPEN, grasp_yaw, towards
from envs.view import Bools, Floats, Ints, View

HOVER = 0.04  # [m] of the tool centre over the thing's top
TOLERANCE = 0.02  # [m]


class Reach:
    name = "reach"
    verb = "reach"
    lasting = False
    grasps = False

    def motion(self, view: View, thing: Ints, target: Ints) -> Floats:
        return towards(view, over(view, thing), grasp_yaw(view, thing), OPEN)

    def done(self, view: View, thing: Ints, target: Ints) -> Bools:
        return np.sqrt(((view.tool - over(view, thing)) ** 2).sum(axis=1)) < TOLERANCE

    def relation(self, view: View, thing: Ints, target: Ints) -> Bools:
        return self.done(view, thing, target)


def over(view: View, thing: Ints) -> Floats:
    """The point to reach, (n, 3) [m]."""
    point = view.of("position", thing).copy()
    point[:, 2] += view.of("half", thing)[:, 2] + HOVER
    return point
