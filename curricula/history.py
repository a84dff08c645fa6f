"""What a schedule may see of the past: one `Result` a stage."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from curricula.stages import Stage
from envs.episodes import Cell, Score


@dataclass(frozen=True)
class Result:
    """What came of one stage."""

    stage: Stage
    spent: float
    """Fraction of the budget spent when the stage was over, its GATE inference included."""
    gate: Mapping[Cell, Score]
    """GATE success of the cells that the stage asked for."""
    losses: Mapping[str, float]
    """Mean of each loss over the stage's training steps."""
    steps: int
    """Training steps of this stage."""

    def to_json(self) -> dict[str, Any]:
        return {
            **self.stage.to_json(),
            "spent": self.spent,
            "gate_scores": {str(cell): [s.successes, s.episodes, s.errors] for cell, s in self.gate.items()},
            "losses": dict(self.losses),
            "steps": self.steps,
        }

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> "Result":
        return cls(
            stage=Stage.from_json(record),
            spent=record["spent"],
            gate={Cell.parse(cell): Score(*counts) for cell, counts in record["gate_scores"].items()},
            losses=record["losses"],
            steps=record["steps"],
        )
