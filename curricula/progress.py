"""How far a run has come: what a killed run needs, beside the learner's own file, to go on as if it had not been.

The learner is saved first, under a name of its own; then `progress.json` is replaced, which names that file. A kill
between the two leaves the older pair in force.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from curricula.history import Result
from curricula.records import CurvePoint, RunConfig
from envs.errors import UserError
from envs.storage import read_json, write_json
from vla import Learner

STATE = "progress.json"


@dataclass
class Progress:
    """Changes as the run goes on. `gate_flops` is that part of what was spent that did not train."""

    config: RunConfig
    history: list[Result] = field(default_factory=list)
    curve: list[CurvePoint] = field(default_factory=list)
    gate_flops: float = 0.0
    seconds: dict[str, float] = field(default_factory=lambda: {"train": 0.0, "gate": 0.0, "dev": 0.0})

    def save(self, folder: Path, learner: Learner) -> None:
        weights = folder / f"learner-{learner.step}-{len(self.history)}.safetensors"
        learner.save(weights)
        write_json(folder / STATE, {**self.to_json(), "learner": weights.name})
        for older in folder.glob("learner-*.safetensors"):
            if older != weights:
                older.unlink()

    @classmethod
    def load(cls, folder: Path, config: RunConfig) -> "tuple[Progress, Learner] | None":
        """What `save` left in `folder`, or None if there is nothing; refuses the progress of another run."""
        if not (folder / STATE).exists():
            return None
        record = read_json(folder / STATE, "progress of a run")
        begun = RunConfig.from_json(record["config"])
        if begun != config:
            raise UserError(f"The run in {folder.parent} was begun with other options; choose another folder.")
        learner = Learner.load(folder / record["learner"], device=config.device)
        return cls.from_json(record, config), learner

    def to_json(self) -> dict[str, Any]:
        return {
            "config": self.config.to_json(),
            "history": [result.to_json() for result in self.history],
            "curve": [point.to_json() for point in self.curve],
            "gate_flops": self.gate_flops,
            "seconds": self.seconds,
        }

    @classmethod
    def from_json(cls, record: dict[str, Any], config: RunConfig) -> "Progress":
        return cls(
            config=config,
            history=[Result.from_json(result) for result in record["history"]],
            curve=[CurvePoint.from_json(point) for point in record["curve"]],
            gate_flops=record["gate_flops"],
            seconds=record["seconds"],
        )
