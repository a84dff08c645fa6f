"""What a run was asked to do and what came of it: everything needed to repeat and audit it, as JSON."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from curricula.history import Result, scores_from_json, scores_to_json
from envs.episodes import Cell, Score
from envs.storage import read_json, write_json

SCHEMA = 1
FINISHED, COLLAPSED = "finished", "collapsed"


@dataclass(frozen=True)
class RunConfig:
    """One training run. Two runs with equal configs on equal data and code give the same policy bit for bit."""

    schedule: str
    seed: int
    cells: tuple[Cell, ...]  # easy to hard
    budget: float  # FLOPs: training and GATE inference
    model: str = "tiny"
    batch: int = 64  # rows of one training step
    peak_rate: float = 1e-3
    gate_episodes: int = 20  # for each cell that a schedule asks for
    dev_episodes: int = 25  # for each cell at each point of the learning curve
    dev_points: int = 10  # of the learning curve, at equal distances in FLOPs
    threads: int = 1
    device: str = "cpu"

    @property
    def name(self) -> str:
        return f"{self.schedule}-seed{self.seed}"

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "cells": [str(cell) for cell in self.cells]}

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> "RunConfig":
        return cls(**{**record, "cells": tuple(Cell.parse(cell) for cell in record["cells"])})


@dataclass(frozen=True)
class CurvePoint:
    """DEV success at one point of the FLOPs axis."""

    spent: float  # fraction of the budget
    step: int
    scores: Mapping[Cell, Score]

    def to_json(self) -> dict[str, Any]:
        return {"spent": self.spent, "step": self.step, "scores": scores_to_json(self.scores)}

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> "CurvePoint":
        return cls(record["spent"], record["step"], scores_from_json(record["scores"]))


@dataclass(frozen=True)
class Exposure:
    """How much of one cell's data a run has seen."""

    samples: int
    frames: int
    episodes: int
    fingerprint: str

    @property
    def epochs(self) -> float:
        return self.samples / max(1, self.frames)


@dataclass(frozen=True)
class RunRecord:
    """One finished run."""

    config: RunConfig
    status: str  # FINISHED, or COLLAPSED when the loss stopped being a number
    steps: int
    flops: Mapping[str, float]  # "training", "gate"
    seconds: Mapping[str, float]  # by phase: generate, train, gate, dev, test
    stages: tuple[Result, ...]
    curve: tuple[CurvePoint, ...]
    exposure: Mapping[Cell, Exposure]
    made_with: Mapping[str, Any]  # versions, commit, machine
    test: Mapping[Cell, Score] = field(default_factory=dict)

    @property
    def spent(self) -> float:
        """Fraction of the budget that was spent."""
        return sum(self.flops.values()) / self.config.budget

    def save(self, path: Path) -> None:
        write_json(path, self.to_json())

    @classmethod
    def load(cls, path: Path) -> "RunRecord":
        return cls.from_json(read_json(path, "run record"))

    def to_json(self) -> dict[str, Any]:
        return {
            "schema": SCHEMA,
            "arm": self.config.schedule,
            "seed": self.config.seed,
            "status": self.status,
            "config": self.config.to_json(),
            "steps": self.steps,
            "flops": dict(self.flops),
            "seconds": dict(self.seconds),
            "test": scores_to_json(self.test),
            "curve": [point.to_json() for point in self.curve],
            "stages": [result.to_json() for result in self.stages],
            "exposure": {str(cell): {**asdict(seen), "epochs": seen.epochs} for cell, seen in self.exposure.items()},
            "made_with": dict(self.made_with),
        }

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> "RunRecord":
        exposure = {
            Cell.parse(cell): Exposure(**{name: value for name, value in seen.items() if name != "epochs"})
            for cell, seen in record["exposure"].items()
        }
        return cls(
            config=RunConfig.from_json(record["config"]),
            status=record["status"],
            steps=record["steps"],
            flops=record["flops"],
            seconds=record["seconds"],
            stages=tuple(Result.from_json(stage) for stage in record["stages"]),
            curve=tuple(CurvePoint.from_json(point) for point in record["curve"]),
            exposure=exposure,
            made_with=record["made_with"],
            test=scores_from_json(record["test"]),
        )
