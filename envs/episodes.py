"""Which episode is played, and what came of it: `Cell`, `Split`, `Episode`, `Outcome`, `Score`.

An episode is a pure function of its identity (tier, level, split, index): its random stream is seeded with that and
with nothing else, so batch size, order, threads and autoreset cannot change it.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from scipy.stats import binomtest

from envs.errors import UserError, unknown

NAMED_LEVELS = {"easy": 0.0, "medium": 0.5, "hard": 1.0}
LEVEL_STEPS = 10**6  # levels are told apart to this fraction of the whole axis
SPLIT_CAPACITY = 2**40  # indices that one split of one cell can hold


class Split(StrEnum):
    """Disjoint seed streams: train on TRAIN, schedule on GATE, tune on DEV, report on TEST. The slices beside TEST hold
    what occurs nowhere else; they are never part of the primary metric."""

    TRAIN = "train"
    GATE = "gate"
    DEV = "dev"
    TEST = "test"
    TEST_PHRASES = "test-phrases"  # known words in sentences never heard
    TEST_PAIRS = "test-pairs"  # colours on shapes never seen
    TEST_WORDS = "test-words"  # words never heard


def parse_split(text: str) -> Split:
    try:
        return Split(text)
    except ValueError:
        raise unknown("split", text, [split.value for split in Split]) from None


def parse_level(text: str | float, *other: str) -> float:
    """A data level from its name (`easy`, `medium`, `hard`) or from a number in [0, 1]. A mistake is told with `other`
    texts that could have stood there."""
    if text in NAMED_LEVELS:
        return NAMED_LEVELS[str(text)]
    try:
        level = float(text)
    except ValueError:
        raise unknown("data level", str(text), [*NAMED_LEVELS, *other, "a number from 0 to 1"]) from None
    if not 0.0 <= level <= 1.0:
        raise UserError(f"A data level lies between 0 (easy) and 1 (hard); {level:g} was asked for.")
    return level


def level_name(level: float) -> str:
    """The name of a named level, else the number itself."""
    return next((name for name, value in NAMED_LEVELS.items() if value == level), f"{level:g}")


@dataclass(frozen=True, order=True)
class Cell:
    """A place on the ladder, (tier, data level): what a schedule puts weight on. Written `tier@level`."""

    tier: str
    level: float = 0.0

    def __str__(self) -> str:
        return f"{self.tier}@{level_name(self.level)}"

    @classmethod
    def parse(cls, text: str) -> "Cell":
        tier, _, level = text.partition("@")
        return cls(tier, parse_level(level or "easy"))


@dataclass(frozen=True)
class Episode:
    """The identity of one episode."""

    tier: str
    level: float
    split: Split
    index: int

    @property
    def cell(self) -> Cell:
        return Cell(self.tier, self.level)

    @property
    def name(self) -> str:
        return f"{self.tier}-{level_name(self.level)}-{self.split.value}-{self.index:06d}"

    def rng(self, stream: str) -> np.random.Generator:
        """A fresh generator for one named use ("layout", "expert", "actor"): streams of one episode are independent."""
        if not 0 <= self.index < SPLIT_CAPACITY:
            raise UserError(f"An episode index lies between 0 and {SPLIT_CAPACITY - 1}; {self.index} was asked for.")
        where = f"{self.tier}/{round(self.level * LEVEL_STEPS)}/{self.split.value}/{stream}"
        key = int.from_bytes(hashlib.sha256(where.encode()).digest()[:16], "big")
        return np.random.default_rng([key, self.index])


@dataclass(frozen=True)
class Outcome:
    """What came of one episode. An error is never a failure: `error` is set, and the episode counts in no rate."""

    episode: Episode
    actor: str
    instruction: str
    success_at_end: bool
    success_once: bool
    progress: float
    """Steps of the plan that were done at some time, as a fraction."""
    steps: int
    """Control steps played."""
    failure: str = ""
    """Kind of failure, empty on success: see `envs.failures.KINDS`."""
    error: str = ""

    def row(self) -> dict[str, object]:
        """The outcome as one flat row for a table."""
        return {
            "tier": self.episode.tier,
            "level": level_name(self.episode.level),
            "split": self.episode.split.value,
            "index": self.episode.index,
            "actor": self.actor,
            "instruction": self.instruction,
            "success_at_end": self.success_at_end,
            "success_once": self.success_once,
            "progress": self.progress,
            "steps": self.steps,
            "failure": self.failure,
            "error": self.error,
        }


@dataclass(frozen=True)
class Score:
    """Successes among episodes, always with an interval; `errors` are episodes that broke and are not in `episodes`."""

    successes: int
    episodes: int
    errors: int = 0

    @classmethod
    def of(cls, outcomes: Iterable[Outcome]) -> "Score":
        """Counts `success_at_end`."""
        outcomes = list(outcomes)
        sound = [outcome for outcome in outcomes if not outcome.error]
        return cls(sum(o.success_at_end for o in sound), len(sound), len(outcomes) - len(sound))

    @property
    def rate(self) -> float:
        return self.successes / self.episodes if self.episodes else float("nan")

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson 95 % interval of the rate within this checkpoint (Wilson 1927)."""
        if not self.episodes:
            return (0.0, 1.0)
        ci = binomtest(self.successes, self.episodes).proportion_ci(method="wilson")
        return (float(ci.low), float(ci.high))

    def __str__(self) -> str:
        low, high = self.interval
        broken = f", {self.errors} errors" if self.errors else ""
        return f"{self.successes}/{self.episodes} = {self.rate:.0%} [{low:.0%}, {high:.0%}]{broken}"
