"""A tier: a named rung of the ladder."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import gymnasium
import numpy as np

from envs.language import Phrases
from envs.layouts import Layout
from envs.plans import Goal
from envs.registry import Registry
from envs.scene import Objects


class Task(Protocol):
    """A sentence, and what it takes to do it."""

    objects: Objects
    phrases: Phrases

    def sample(self, scene: Layout, rng: np.random.Generator) -> Goal:
        """What this episode asks of this scene; called once an episode."""


@dataclass(frozen=True)
class Tier:
    """A rung: its task, its rank (1 is the easiest), how many control steps an episode lasts, and its version, which
    rises whenever its episodes change."""

    name: str
    task: Task
    rank: int
    horizon: int
    version: int = 0

    @property
    def gym_id(self) -> str:
        """`stack-two` is `Gradatim/StackTwo-v0`."""
        return f"Gradatim/{''.join(part.capitalize() for part in self.name.split('-'))}-v{self.version}"


class Tiers(Registry[Tier]):
    """Every tier, easiest first; each is known to Gymnasium as well."""

    def add(self, thing: Tier) -> Tier:
        tier = super().add(thing)
        gymnasium.register(
            id=tier.gym_id,
            entry_point="envs.vector:GradatimEnv",
            vector_entry_point="envs.vector:GradatimVectorEnv",
            kwargs={"tier": tier.name},
        )
        return tier

    def __iter__(self) -> Iterator[Tier]:
        return iter(sorted(super().__iter__(), key=lambda tier: (tier.rank, tier.name)))

    def names(self) -> list[str]:
        return [tier.name for tier in self]


tiers = Tiers("tier")
