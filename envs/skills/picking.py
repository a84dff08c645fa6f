"""Skill "pick": grasp a thing and lift it clear of the table."""

import numpy as np

from envs.skills.grasping import (
    CLEARANCE,
    CLOSE,
    OPEN,
    grasp_yaw,
    hand_yaw,
    is_held,
    squared_yaw,
    towards,
    travel_height,
)
from envs.view import Bools, Floats, Ints, View

ALOFT = 0.05  # [m] a picked thing's underside is at least this high
LIFT = 0.07  # [m] where the expert lifts it
ALIGNED = 0.008  # [m] sideways, before the hand goes down
FUNNEL = 0.35  # [m/m] sideways error allowed for each metre of height above the grasp
GRASP_DEPTH = 0.006  # [m] the hand closes when this near to its height
TURNED = 0.10  # sine of the angle between hand and thing, before the hand goes down


class Pick:
    name = "pick"
    verb = "pick up"
    lasting = False
    grasps = True

    def motion(self, view: View, thing: Ints, target: Ints) -> Floats:
        return np.where(is_held(view, thing)[:, None], self._lift(view, thing), self._grasp(view, thing))

    def done(self, view: View, thing: Ints, target: Ints) -> Bools:
        underside = view.of("position", thing)[:, 2] - view.of("half", thing)[:, 2]
        return is_held(view, thing) & (underside > ALOFT)

    def relation(self, view: View, thing: Ints, target: Ints) -> Bools:
        return self.done(view, thing, target)

    def _lift(self, view: View, thing: Ints) -> Floats:
        point = view.tool.copy()
        point[:, 2] = LIFT + view.of("half", thing)[:, 2]
        return towards(view, point, squared_yaw(view, thing, near=hand_yaw(view)), CLOSE)

    def _grasp(self, view: View, thing: Ints) -> Floats:
        """Over the thing, down onto it, close: each decided from where the hand is now."""
        grasp = view.of("position", thing).copy()
        yaw = grasp_yaw(view, thing)
        turn = np.abs(view.rotation[:, 1, 0] * np.cos(yaw) - view.rotation[:, 0, 0] * np.sin(yaw))
        aside = np.sqrt(((view.tool - grasp)[:, :2] ** 2).sum(axis=1))
        above = view.tool[:, 2] - grasp[:, 2]
        aligned = (aside < ALIGNED + FUNNEL * np.maximum(above - 0.02, 0.0)) & (turn < TURNED)
        closing = aligned & (above < GRASP_DEPTH) & (aside < ALIGNED)
        hover = np.maximum(travel_height(view, thing), view.tops[np.arange(len(view)), thing] + CLEARANCE)
        rise = (aside > 0.03) & (view.tool[:, 2] < hover - 0.01)
        point = grasp.copy()
        point[:, 2] = np.where(aligned, grasp[:, 2], hover)
        point[:, :2] = np.where(rise[:, None], view.tool[:, :2], point[:, :2])
        return towards(view, point, yaw, np.where(closing, CLOSE, OPEN))
