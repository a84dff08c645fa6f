"""A stage: what is trained for a share of the budget, and how difficult that is."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from curricula.ladder import Ladder
from envs.episodes import Cell

OBJECTIVES = ("align", "act", "plan")  # the objective axis, easy to hard
MODELS = ("tiny",)  # the model axis, small to large
JOINT = {"act": 1.0, "align": 0.3}  # loss weights when perception and action are trained together
SUM_TOLERANCE = 1e-9


@dataclass(frozen=True)
class Difficulty:
    """Where a stage stands on the four axes, each from 0 to 1."""

    task: float
    data: float
    model: float
    objective: float


def difficulty_of(
    cells: Iterable[Cell], ladder: Ladder, objectives: Mapping[str, float] = JOINT, model: str = MODELS[0]
) -> Difficulty:
    """The difficulty of working at `cells`: on each axis, that of the hardest of them."""
    cells = list(cells)
    hardest = max(OBJECTIVES.index(name) for name, weight in objectives.items() if weight > 0)
    return Difficulty(
        task=max(ladder.height(cell.tier) for cell in cells),
        data=max(cell.level for cell in cells),
        model=MODELS.index(model) / max(1, len(MODELS) - 1),
        objective=hardest / (len(OBJECTIVES) - 1),
    )


@dataclass(frozen=True)
class Stage:
    """What is trained next. `share` is of the whole budget; `gate` names the cells whose GATE success the schedule
    wants to know afterwards; `why` says in words what made the schedule choose this."""

    mixture: Mapping[Cell, float]
    share: float
    difficulty: Difficulty
    why: str
    gate: tuple[Cell, ...] = ()
    objectives: Mapping[str, float] = field(default_factory=lambda: dict(JOINT))
    model: str = MODELS[0]
    frozen: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.mixture or min(self.mixture.values()) < 0 or abs(sum(self.mixture.values()) - 1) > SUM_TOLERANCE:
            raise ValueError(f"a mixture holds weights of at least 0 that sum to 1, not {dict(self.mixture)}")
        if not 0 < self.share <= 1:
            raise ValueError(f"a stage takes a share of the budget above 0 and up to 1, not {self.share}")

    def to_json(self) -> dict[str, Any]:
        return {
            "mixture": {str(cell): weight for cell, weight in self.mixture.items()},
            "share": self.share,
            "difficulty": asdict(self.difficulty),
            "why": self.why,
            "gate": [str(cell) for cell in self.gate],
            "objectives": dict(self.objectives),
            "model": self.model,
            "frozen": list(self.frozen),
        }

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> "Stage":
        return cls(
            mixture={Cell.parse(cell): weight for cell, weight in record["mixture"].items()},
            share=record["share"],
            difficulty=Difficulty(**record["difficulty"]),
            why=record["why"],
            gate=tuple(Cell.parse(cell) for cell in record["gate"]),
            objectives=record["objectives"],
            model=record["model"],
            frozen=tuple(record["frozen"]),
        )


def even(cells: Iterable[Cell]) -> dict[Cell, float]:
    """The same weight on every cell."""
    cells = list(cells)
    return {cell: 1 / len(cells) for cell in cells}


def blend(*parts: tuple[float, Mapping[Cell, float]]) -> dict[Cell, float]:
    """The weighted sum of mixtures; the weights sum to 1, and a part without cells gives its weight to the others."""
    parts = tuple((weight, mixture) for weight, mixture in parts if mixture and weight > 0)
    total = sum(weight for weight, _ in parts)
    mixed: dict[Cell, float] = {}
    for weight, mixture in parts:
        for cell, inner in mixture.items():
            mixed[cell] = mixed.get(cell, 0.0) + weight / total * inner
    return mixed
