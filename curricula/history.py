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
            "gate_scores": scores_to_json(self.gate),
            "losses": dict(self.losses),
            "steps": self.steps,
        }

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> "Result":
        return cls(
            stage=Stage.from_json(record),
            spent=record["spent"],
            gate=scores_from_json(record["gate_scores"]),
            losses=record["losses"],
            steps=record["steps"],
        )


def scores_to_json(scores: Mapping[Cell, Score]) -> dict[str, list[int]]:
    """{cell: [successes, episodes, errors]}"""
    return {str(cell): [score.successes, score.episodes, score.errors] for cell, score in scores.items()}


def scores_from_json(record: Mapping[str, list[int]]) -> dict[Cell, Score]:
    return {Cell.parse(cell): Score(*counts) for cell, counts in record.items()}
