"""The folder of one comparison: where things lie in it, that it is one comparison's, and one process's at a time."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.presets import Comparison
from envs import tiers
from envs.episodes import Cell
from envs.errors import UserError
from envs.storage import read_json, write_json

SCHEMA = 1


@dataclass(frozen=True)
class ComparisonFolder:
    root: Path

    @property
    def plan(self) -> Path:
        return self.root / "comparison.json"

    @property
    def report(self) -> Path:
        return self.root / "report.html"

    @property
    def runs_table(self) -> Path:
        return self.root / "runs.csv"

    @property
    def outcomes_table(self) -> Path:
        return self.root / "outcomes.csv"

    @property
    def films(self) -> Path:
        return self.root / "films"

    @property
    def references(self) -> Path:
        """Outcomes of the expert and the random actor on the TEST episodes."""
        return self.root / "references.csv"

    def run(self, name: str) -> Path:
        return self.root / "runs" / name

    def outcomes(self, name: str) -> Path:
        """Outcomes of one run's policy on the TEST episodes."""
        return self.run(name) / "outcomes.csv"

    def log(self, job: str) -> Path:
        return self.root / "logs" / f"{job.replace('/', '-')}.txt"

    def seed_data(self, seed: int) -> Path:
        return self.root / "demonstrations" / f"seed{seed}"

    def data(self, seed: int, cell: Cell) -> Path:
        return self.seed_data(seed) / str(cell)

    def read_plan(self) -> Comparison | None:
        """What this folder compares, or None if it is new; refuses the folder of another version."""
        if not self.plan.exists():
            return None
        record = read_json(self.plan, "comparison")
        if record.get("schema") != SCHEMA or "comparison" not in record:
            raise UserError(f"{self.plan} was written by another version of Gradatim; choose another --out.")
        try:
            comparison = Comparison.from_json(record["comparison"])
        except TypeError:
            raise UserError(f"{self.plan} was written by another version of Gradatim; choose another --out.") from None
        for tier, version in record["tier_versions"].items():
            if tiers[tier].version != version:
                raise UserError(
                    f"{self.root} was begun with version {version} of tier {tier}, and this Gradatim has version"
                    f" {tiers[tier].version}; choose another --out."
                )
        return comparison

    def write_plan(self, comparison: Comparison) -> None:
        versions = {tier: tiers[tier].version for tier in comparison.tiers}
        content: dict[str, Any] = {"schema": SCHEMA, "comparison": comparison.to_json(), "tier_versions": versions}
        write_json(self.plan, content)

    @contextmanager
    def locked(self) -> Iterator[int]:
        """Holds the folder for this process and those that inherit the yielded descriptor."""
        self.root.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self.root / ".lock", os.O_RDWR | os.O_CREAT, 0o644)
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise UserError(f"Another process works in {self.root}; wait for it or choose another --out.") from None
            yield descriptor
        finally:
            os.close(descriptor)


def open_folder(root: Path, preset: Comparison | None, overrides: dict[str, Any], default: Comparison) -> Comparison:
    """The comparison to run in `root`: a new one, or the one it already holds if nothing asked contradicts that."""
    folder = ComparisonFolder(root)
    held = folder.read_plan()
    if held is None:
        if root.exists() and any(entry.name != ".lock" for entry in root.iterdir()):
            raise UserError(f"{root} holds other files and no comparison; choose an empty or new folder for --out.")
        return (preset or default).changed(**overrides)
    asked = (preset or held).changed(**overrides)
    differing = asked.differences(held)
    if differing:
        name = differing[0]
        option, mine, wanted = name.replace("_", "-"), show(getattr(held, name)), show(getattr(asked, name))
        if name == "name":
            option = "preset"
        raise UserError(
            f"{root} already holds a comparison with {option} {mine}, and {wanted} was asked for; choose another --out,"
            " or leave the option away to go on with what it holds."
        )
    return held


def show(value: object) -> str:
    if isinstance(value, tuple):
        return " ".join(map(str, value))
    return f"{value:g}" if isinstance(value, float) else str(value)
