"""Tier "stack-three": a tower of three, in the order that the instruction names."""

import numpy as np

from envs.language import Phrases
from envs.layouts import Layout
from envs.plans import Goal
from envs.scene import Objects
from envs.skills import pick, place_on
from envs.tier import Tier, tiers


class StackThree:
    objects = Objects(blocks=3)
    phrases = Phrases("stack {a} on {b} and then {c} on {a}")

    def sample(self, scene: Layout, rng: np.random.Generator) -> Goal:
        a, b, c = scene.shuffled("blocks", rng)
        return Goal(
            self.phrases.about(a=a, b=b, c=c),
            plan=(pick(a), place_on(a, b), pick(c), place_on(c, a)),
        )


tiers.add(Tier("stack-three", StackThree(), rank=7, horizon=110))
