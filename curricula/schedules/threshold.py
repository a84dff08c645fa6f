"""Climb when the rung is mastered: closed loop on GATE success, with rehearsal and a time-out for each rung."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from curricula.budget import Budget
from curricula.history import Result
from curricula.ladder import Ladder
from curricula.stages import Stage, blend, difficulty_of, even

ROUNDING = 1e-9


@dataclass(frozen=True)
class Climb:
    """Where a history has led: the rung now worked at (== number of rungs: all together), and what led there."""

    rung: int
    why: str


@dataclass(frozen=True)
class Threshold:
    """Works at one rung until its GATE success reaches `tau` in `streak` evaluations on end ("promoted"), or until it
    has taken `patience`/K of the budget ("timed out": a rung that plateaus below `tau` would otherwise never be left).
    `review` of a stage rehearses the rungs before, and `floor` of it is always uniform over the whole ladder. After
    the last rung it trains on all together."""

    name: str = "threshold"
    family: str = "progressive"
    closed_loop: bool = True
    tau: float = 0.75
    streak: int = 2
    review: float = 0.25
    floor: float = 0.10
    patience: float = 1.5

    def climb(self, ladder: Ladder, history: Sequence[Result]) -> Climb:
        """Replays the history from the first rung on."""
        cells = ladder.cells
        limit = self.patience / len(cells)
        rung, passed, began, why = 0, 0, 0.0, "the first rung"
        for result in history:
            if rung == len(cells):
                break
            score = result.gate.get(cells[rung])
            passed = passed + 1 if score is not None and score.rate >= self.tau else 0  # the rate of nothing is nan
            taken = result.spent - began
            if passed >= self.streak:
                why = f"promoted from {cells[rung]}: {self.streak} times at or above {self.tau:.0%}, last {score}"
            elif taken >= limit - ROUNDING:
                why = f"timed out on {cells[rung]}: {taken:.0%} of the budget gone, last {score}"
            else:
                continue
            rung, passed, began = rung + 1, 0, result.spent
        return Climb(rung, why)

    def next_stage(
        self, ladder: Ladder, history: Sequence[Result], budget: Budget, rng: np.random.Generator
    ) -> Stage | None:
        if len(history) >= budget.updates:
            return None
        cells = ladder.cells
        now = self.climb(ladder, history)
        last = len(history) == budget.updates - 1  # nothing would read its GATE success
        if now.rung == len(cells):
            return Stage(even(cells), budget.share, difficulty_of(cells, ladder), f"all rungs together; {now.why}")
        here = cells[now.rung]
        climbing = blend((1 - self.review, {here: 1.0}), (self.review, even(cells[: now.rung])))
        return Stage(
            mixture=blend((1 - self.floor, climbing), (self.floor, even(cells))),
            share=budget.share,
            difficulty=difficulty_of(cells[: now.rung + 1], ladder),
            why=f"rung {now.rung + 1} of {len(cells)}: {here}; {now.why}",
            gate=() if last else (here,),
        )
