"""Why an episode failed, told from the state in which it ended."""

import numpy as np

from envs.plans import Now, Plans
from envs.skills import skills
from envs.skills.grasping import is_held
from envs.view import View

KINDS = {
    "undone": "success held at some time and was lost",
    "wrong object": "the hand is at a thing that the current step does not name",
    "wrong target": "the thing stands on something that the current step does not name",
    "not released": "the thing is in place, and the hand has not let go of it",
    "no grasp": "the thing was never lifted",
    "dropped": "the thing was lifted, and is neither held nor in place",
    "misplaced": "the thing was to be pushed, and lies somewhere else",
    "time out": "nothing is wrong yet",
}


def kind_of_failure(row: int, plans: Plans, view: View, now: Now, once: bool) -> str:
    """One of `KINDS` for the simulation `row`. `once`: success held at some time."""
    if once:
        return "undone"
    step = plans.current(now)
    skill, thing, target = (int(part[row]) for part in plans.at(step))
    verb, things = skills[skills.names()[skill]], view.position.shape[1]
    alike = view.take(np.full(things, row))  # the same state once for each handle
    here = np.arange(things)
    others = here != thing
    if (is_held(alike, here) & others).any():
        return "wrong object"
    if not verb.lasting and (verb.relation(alike, here, here) & others).any():
        return "wrong object"
    if not verb.lasting:
        return "time out" if not verb.grasps or is_held(alike, here)[thing] else "no grasp"
    on = verb.relation(alike, np.full(things, thing), here) & others
    if on[target]:
        return "not released"
    if on.any():
        return "wrong target"
    if not verb.grasps:
        return "misplaced"
    return "time out" if is_held(alike, here)[thing] else "dropped"
