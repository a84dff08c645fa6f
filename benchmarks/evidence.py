"""What the outcomes say about arms. The unit is the training seed, paired; episodes only measure one checkpoint."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import t as student

from envs.episodes import Score

BASELINE = "uniform"
LEAST_SEEDS = 8  # paired seeds that a claim needs; with fewer a comparison is exploratory
CONFIDENCE = 0.95
CELL = ["tier", "level"]


@dataclass(frozen=True)
class Contrast:
    """An arm against the baseline on the seeds that both have. Differences in points of success, arm − baseline."""

    arm: str
    baseline: str
    differences: dict[int, float]
    excluded: tuple[int, ...]  # seeds that only one of the two has

    @property
    def mean(self) -> float:
        return float(np.mean(list(self.differences.values()))) if self.differences else float("nan")

    @property
    def interval(self) -> tuple[float, float] | None:
        """Student's t interval of the mean difference over seeds; None for fewer than two seeds."""
        return t_interval(list(self.differences.values()))


def t_interval(values: list[float]) -> tuple[float, float] | None:
    n = len(values)
    if n < 2:
        return None
    half = float(student.ppf(0.5 + CONFIDENCE / 2, n - 1)) * float(np.std(values, ddof=1)) / n**0.5
    mean = float(np.mean(values))
    return mean - half, mean + half


def sound(outcomes: pd.DataFrame) -> pd.DataFrame:
    """The episodes that count: an error is never a failure."""
    return outcomes[outcomes["error"] == ""]


def score_of(outcomes: pd.DataFrame) -> Score:
    good = sound(outcomes)
    return Score(int(good["success_at_end"].sum()), len(good), len(outcomes) - len(good))


def seed_means(outcomes: pd.DataFrame) -> pd.DataFrame:
    """Success of each run [%], every cell weighing the same: rows are arms, columns seeds."""
    trained = sound(outcomes[outcomes["seed"].notna()])
    by_cell = trained.groupby(["arm", "seed", *CELL], sort=False)["success_at_end"].mean()
    return 100 * by_cell.groupby(["arm", "seed"], sort=False).mean().unstack("seed")


def contrast(means: pd.DataFrame, arm: str, baseline: str = BASELINE) -> Contrast:
    pair = means.loc[[arm, baseline]]
    both = pair.dropna(axis=1)
    alone = [int(seed) for seed in pair.columns.difference(both.columns)]
    differences = {int(seed): float(both.loc[arm, seed] - both.loc[baseline, seed]) for seed in both.columns}
    return Contrast(arm, baseline, differences, tuple(alone))


def contrasts(outcomes: pd.DataFrame, baseline: str = BASELINE) -> list[Contrast]:
    """Every other arm against the baseline; none if the baseline did not run."""
    means = seed_means(outcomes)
    if baseline not in means.index:
        return []
    return [contrast(means, arm, baseline) for arm in means.index if arm != baseline]


def is_exploratory(seeds: int) -> bool:
    return seeds < LEAST_SEEDS


def describe(result: Contrast) -> str:
    """One contrast in words."""
    seeds = len(result.differences)
    if not seeds:
        return f"{result.arm} and {result.baseline} share no seed."
    where = "above" if result.mean >= 0 else "below"
    between = "one seed gives no interval"
    if result.interval:
        low, high = (f"{bound:+.1f}".replace("-", "−") for bound in result.interval)
        between = f"{CONFIDENCE:.0%} interval {low} to {high}"
    return f"{result.arm} ended {abs(result.mean):.1f} points {where} {result.baseline} ({between})"
