"""One rung after the other with rehearsal of the rungs before, then all together; and its mirror image, hard to easy.

The rule is "naive sequential" of Matiisen et al. 2017 (one-hot on rung i, then i+1, …, last stage uniform), with a
share of each stage given to the rungs already climbed.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from curricula.budget import Budget
from curricula.history import Result
from curricula.ladder import Ladder
from curricula.stages import Stage, blend, difficulty_of, even
from envs.errors import UserError

REVIEW = 0.25  # share of a stage that rehearses the rungs before


def phase_of(update: int, rungs: int, updates: int) -> int:
    """Which rung an update works at: equal phases for each rung, and one more (== `rungs`) for all together."""
    if rungs + 1 > updates:
        raise UserError(
            f"A ladder of {rungs} cells cannot be climbed in {updates} updates; choose at most {updates - 1}."
        )
    return update * (rungs + 1) // updates


@dataclass(frozen=True)
class Sequential:
    name: str = "sequential"
    family: str = "progressive"
    closed_loop: bool = False
    review: float = REVIEW

    def next_stage(
        self, ladder: Ladder, history: Sequence[Result], budget: Budget, rng: np.random.Generator
    ) -> Stage | None:
        cells, update = ladder.cells, len(history)
        if update >= budget.updates:
            return None
        rung = phase_of(update, len(cells), budget.updates)
        if rung == len(cells):
            mixture, why = even(cells), "all rungs together"
        else:
            mixture = blend((1 - self.review, {cells[rung]: 1.0}), (self.review, even(cells[:rung])))
            why = f"rung {rung + 1} of {len(cells)}: {cells[rung]}" + (", with rehearsal" if rung else "")
        return Stage(mixture, budget.share, difficulty_of(cells[: rung + 1], ladder), why)


@dataclass(frozen=True)
class Anti:
    """`Sequential` on the ladder turned upside down: the same pacing, the hardest rung first. The exact reverse in
    order; the reverse in *time* is another control, since it also ends on one rung alone instead of on all."""

    name: str = "anti"
    family: str = "control"
    closed_loop: bool = False
    review: float = REVIEW

    def next_stage(
        self, ladder: Ladder, history: Sequence[Result], budget: Budget, rng: np.random.Generator
    ) -> Stage | None:
        stage = Sequential(review=self.review).next_stage(ladder.reversed(), history, budget, rng)
        if stage is None:
            return None
        rung = phase_of(len(history), len(ladder.cells), budget.updates)
        working_at = ladder.reversed().cells[rung : rung + 1] or ladder.cells
        return replace(stage, difficulty=difficulty_of(working_at, ladder))
