"""Verbs: what an expert does, and when it is done. Vectorised over the simulations that are at that skill."""

from dataclasses import dataclass
from typing import Protocol

from envs.registry import Registry
from envs.scene import Handle
from envs.skills.clearing import PutAside
from envs.skills.picking import Pick
from envs.skills.placing import PlaceOn
from envs.skills.pushing import Push
from envs.skills.reaching import Reach
from envs.view import Bools, Floats, Ints, View


class Skill(Protocol):
    """A verb. Each function takes a view of n simulations with the thing and the target (n,) of each, and decides from
    the present state alone, so that an expert recovers from whatever has happened."""

    name: str
    verb: str
    lasting: bool
    """It leaves something behind that must still hold at the end of the episode."""
    grasps: bool
    """It has the thing between the fingers at some time."""

    def motion(self, view: View, thing: Ints, target: Ints) -> Floats:
        """The expert's next action, (n, 7)."""

    def done(self, view: View, thing: Ints, target: Ints) -> Bools:
        """The step is done now, hand clear where it must be, (n,)."""

    def relation(self, view: View, thing: Ints, target: Ints) -> Bools:
        """What the step was to bring about holds, whatever the hand is doing, (n,)."""


@dataclass(frozen=True)
class Step:
    """One step of a plan."""

    skill: str
    thing: Handle
    target: Handle


skills: Registry[Skill] = Registry("skill")
for _skill in (Reach(), Pick(), PlaceOn(), Push(), PutAside()):
    skills.add(_skill)


def reach(thing: Handle) -> Step:
    return Step("reach", thing, thing)


def pick(thing: Handle) -> Step:
    return Step("pick", thing, thing)


def place_on(thing: Handle, target: Handle) -> Step:
    return Step("place-on", thing, target)


def push(thing: Handle, target: Handle) -> Step:
    return Step("push", thing, target)


def put_aside(thing: Handle, off: Handle) -> Step:
    return Step("put-aside", thing, off)
