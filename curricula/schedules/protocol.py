"""What a schedule is: d_{t+1} = Schedule(d_t, Performance_t), as a pure function of the recorded history."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from curricula.budget import Budget
from curricula.history import Result
from curricula.ladder import Ladder
from curricula.stages import Stage


class Schedule(Protocol):
    """Decides what is trained next. It keeps nothing between calls: the same arguments give the same stage, so that a
    run that was killed goes on as if it had not been."""

    @property
    def name(self) -> str: ...

    @property
    def family(self) -> str:
        """One of "progressive" (easy to hard), "adaptive" (follows what is learnt), "control" (a baseline)."""
        ...

    @property
    def closed_loop(self) -> bool:
        """Whether its stages ask for GATE success."""
        ...

    def next_stage(
        self, ladder: Ladder, history: Sequence[Result], budget: Budget, rng: np.random.Generator
    ) -> Stage | None:
        """The stage after `history`, or None when the run is over."""
        ...
