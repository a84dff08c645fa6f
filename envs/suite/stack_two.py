"""Tier "stack-two": the first named block onto the second."""

import numpy as np

from envs.language import Phrases
from envs.layouts import Layout
from envs.plans import Goal
from envs.scene import Objects
from envs.skills import pick, place_on
from envs.tier import Tier, tiers


class StackTwo:
    objects = Objects(blocks=2)
    phrases = Phrases("stack {a} on {b}")

    def sample(self, scene: Layout, rng: np.random.Generator) -> Goal:
        a, b = scene.shuffled("blocks", rng)
        return Goal(self.phrases.about(a=a, b=b), plan=(pick(a), place_on(a, b)))


tiers.add(Tier("stack-two", StackTwo(), rank=5, horizon=60))
