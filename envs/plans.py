"""Plans as arrays, and what is done of them: progress and success, for all simulations at once."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from envs.errors import UserError
from envs.language import Sentence
from envs.scene import Handle
from envs.skills import Skill, Step, skills
from envs.view import Bools, Ints, View

LONGEST = 8  # steps of a plan
HOLD_STEPS = 3  # control steps in a row for which success must hold


@dataclass(frozen=True)
class Goal:
    """What an episode asks: in words, and as a plan of steps."""

    sentence: Sentence
    plan: tuple[Step, ...]
    stacked: tuple[tuple[Handle, Handle], ...] = ()
    """Pairs (upper, lower): things that begin on top of others, lowest pair first."""


@dataclass(frozen=True)
class Now:
    """What holds in each simulation now: rows simulations (n), columns plan steps (S)."""

    done: Bools  # the step's `done`
    relation: Bools  # the step's `relation`


class Plans:
    """The plans of N simulations and how far they are. Arrays are (N, S); unused steps have skill -1."""

    def __init__(self, n: int) -> None:
        self.skill = np.full((n, LONGEST), -1)
        self.thing = np.zeros((n, LONGEST), int)
        self.target = np.zeros((n, LONGEST), int)
        self.length = np.zeros(n, int)
        self.latched = np.zeros(n, int)  # steps done at some time, in order
        self.held = np.zeros(n, int)  # control steps in a row for which every goal has held
        self._skills: list[Skill] = list(skills)
        self._lasts = np.array([*(skill.lasting for skill in skills), False])  # by skill; the last entry is for -1

    def begin(self, ids: Ints, plans: Sequence[tuple[Step, ...]]) -> None:
        """Give simulations `ids` new plans, nothing done."""
        self.skill[ids] = -1
        self.latched[ids] = self.held[ids] = 0
        names = skills.names()
        for row, plan in zip(ids, plans, strict=True):
            if not 1 <= len(plan) <= LONGEST:
                raise UserError(f"A plan has 1 to {LONGEST} steps; this one has {len(plan)}.")
            self.length[row] = len(plan)
            for number, step in enumerate(plan):
                self.skill[row, number] = names.index(skills[step.skill].name)
                self.thing[row, number] = step.thing
                self.target[row, number] = step.target

    def judge(self, view: View) -> Now:
        """Evaluate every step of every plan in the present state of all N simulations."""
        done, relation = np.zeros(self.skill.shape, bool), np.zeros(self.skill.shape, bool)
        for number, skill in enumerate(self._skills):
            rows, steps = np.nonzero(self.skill == number)
            if len(rows):
                args = (view.take(rows), self.thing[rows, steps], self.target[rows, steps])
                done[rows, steps], relation[rows, steps] = skill.done(*args), skill.relation(*args)
        return Now(done, relation)

    def advance(self, ids: Ints, now: Now) -> None:
        """Latch the current step of simulations `ids` where it is done, and count how long all goals have held."""
        latched, length = self.latched[ids], self.length[ids]
        done = now.done[ids]
        latched += (latched < length) & done[np.arange(len(ids)), np.minimum(latched, length - 1)]
        reached = (done | ~self._goals()[ids]).all(axis=1)
        self.held[ids] = np.where(reached, self.held[ids] + 1, 0)
        self.latched[ids] = np.where(self.success(ids), length, latched)

    def success(self, ids: Ints) -> Bools:
        """Every goal holds, and has for `HOLD_STEPS` control steps, (n,)."""
        return self.held[ids] >= HOLD_STEPS

    def progress(self, ids: Ints) -> NDArray[np.float64]:
        """Steps done at some time, as a fraction, (n,)."""
        return self.latched[ids] / self.length[ids]

    def current(self, now: Now) -> Ints:
        """The step to work on in each simulation, (N,): the first that is not done, or whose lasting result has been
        undone; the last one when nothing is left to do."""
        number = np.arange(LONGEST)
        latched = number < self.latched[:, None]
        lasting = self._lasts[self.skill]
        fine = np.where(lasting, latched & now.relation, latched)
        # A step that only serves the next one is fine while that one's lasting result holds.
        fine[:, :-1] |= ~lasting[:, :-1] & lasting[:, 1:] & fine[:, 1:]
        fine |= number >= self.length[:, None]
        return np.where(fine.all(axis=1), self.length - 1, fine.argmin(axis=1))

    def at(self, step: Ints) -> tuple[Ints, Ints, Ints]:
        """Skill, thing and target of one step of each plan, (N,) each."""
        rows = np.arange(len(step))
        return self.skill[rows, step], self.thing[rows, step], self.target[rows, step]

    def _goals(self) -> Bools:
        """Steps whose result must hold at the end: lasting ones, and the last of the plan."""
        return self._lasts[self.skill] | (np.arange(LONGEST) == self.length[:, None] - 1)
