"""Uniform joint training: every cell at all times, the baseline that a curriculum has to beat."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from curricula.budget import Budget
from curricula.history import Result
from curricula.ladder import Ladder
from curricula.stages import Stage, difficulty_of, even


@dataclass(frozen=True)
class Uniform:
    name: str = "uniform"
    family: str = "control"
    closed_loop: bool = False

    def next_stage(
        self, ladder: Ladder, history: Sequence[Result], budget: Budget, rng: np.random.Generator
    ) -> Stage | None:
        if len(history) >= budget.updates:
            return None
        return Stage(
            mixture=even(ladder.cells),
            share=budget.share,
            difficulty=difficulty_of(ladder.cells, ladder),
            why="all cells alike, at all times",
        )
