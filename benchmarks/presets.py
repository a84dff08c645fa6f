"""What a comparison is: its options, and the named sets of them."""

from dataclasses import asdict, dataclass, replace
from typing import Any

from curricula.budget import Budget
from curricula.ladder import build_ladder
from curricula.records import RunConfig
from curricula.schedules import schedules
from envs import tiers
from envs.episodes import Cell, parse_level
from envs.errors import UserError, unknown
from envs.registry import Registry

DEVICES = ("cpu", "cuda")
SEED_STRIDE = 10**6  # TRAIN indices between the demonstrations of one seed and the next


@dataclass(frozen=True)
class Comparison:
    """Arms on paired seeds, at equal FLOPs. `budget` is each run's FLOPs; episode counts are for each cell."""

    name: str
    arms: tuple[str, ...]
    seeds: int
    tiers: tuple[str, ...]
    levels: tuple[str, ...]
    budget: float
    demonstrations: int
    test_episodes: int
    dev_episodes: int
    dev_points: int
    gate_episodes: int
    films: int  # of each arm, from its seed 0
    batch: int = 64
    peak_rate: float = 1e-3
    device: str = "cpu"
    threads: int = 1  # of each run; part of what makes a run repeat bit for bit

    @property
    def cells(self) -> tuple[Cell, ...]:
        """Easy to hard: by the tier's rank, then by the data level."""
        ranks = [(tier, tiers[tier].rank) for tier in self.tiers]
        return build_ladder(ranks, map(parse_level, self.levels)).cells

    @property
    def runs(self) -> tuple[RunConfig, ...]:
        """Every run, seed by seed, so that whole pairs finish early."""
        return tuple(self.run_config(arm, seed) for seed in range(self.seeds) for arm in self.arms)

    def run_config(self, arm: str, seed: int) -> RunConfig:
        return RunConfig(
            schedule=arm,
            seed=seed,
            cells=self.cells,
            budget=self.budget,
            batch=self.batch,
            peak_rate=self.peak_rate,
            gate_episodes=self.gate_episodes,
            dev_episodes=self.dev_episodes,
            dev_points=self.dev_points,
            threads=self.threads,
            device=self.device,
        )

    def to_json(self) -> dict[str, Any]:
        return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()}

    @classmethod
    def from_json(cls, record: dict[str, Any]) -> "Comparison":
        options: dict[str, Any] = {n: tuple(value) if isinstance(value, list) else value for n, value in record.items()}
        return cls(**options)

    def changed(self, **wanted: Any) -> "Comparison":
        """The same with those options that were given, i.e. are not None."""
        return replace(self, **{name: value for name, value in wanted.items() if value is not None})

    def differences(self, other: "Comparison") -> list[str]:
        """The names of the options in which two comparisons differ."""
        return [name for name, value in asdict(self).items() if value != getattr(other, name)]


presets: Registry[Comparison] = Registry("preset")

# For checking the machinery: too short to learn anything.
presets.add(
    Comparison(
        name="smoke",
        arms=("uniform", "threshold"),
        seeds=2,
        tiers=("reach", "pick-place"),
        levels=("easy",),
        budget=4e11,
        demonstrations=16,
        test_episodes=10,
        dev_episodes=4,
        dev_points=2,
        gate_episodes=2,
        films=2,
        batch=32,
    )
)

# What `make compare` runs: half an hour on two cores.
presets.add(
    Comparison(
        name="quick",
        arms=("uniform", "sequential", "threshold"),
        seeds=2,
        tiers=("reach", "pick-place", "stack-two"),
        levels=("easy",),
        budget=6e12,
        demonstrations=300,
        test_episodes=100,
        dev_episodes=20,
        dev_points=5,
        gate_episodes=20,
        films=3,
    )
)


def check(comparison: Comparison) -> None:
    """Refuses, before anything is started, what could only fail later."""
    for name in comparison.tiers:
        tiers[name]
    for arm in comparison.arms:
        schedules[arm]
    for level in comparison.levels:
        parse_level(level)
    _ = comparison.cells  # refuses none, and one that is named twice
    Budget(comparison.budget)
    if len(set(comparison.arms)) < len(comparison.arms):
        raise UserError("An arm was named twice; each arm runs once for each seed.")
    for what, number in (("arm", len(comparison.arms)), ("seed", comparison.seeds), ("thread", comparison.threads)):
        if number < 1:
            raise UserError(f"A comparison needs at least one {what}; {number} was asked for.")
    if comparison.device not in DEVICES:
        raise unknown("device", comparison.device, DEVICES)
