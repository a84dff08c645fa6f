"""Tier "reach": the open hand over the named block."""

import numpy as np

from envs.language import Phrases
from envs.layouts import Layout
from envs.plans import Goal
from envs.scene import Objects
from envs.skills import reach
from envs.tier import Tier, tiers


class Reach:
    objects = Objects(blocks=2)
    phrases = Phrases("reach {a}")

    def sample(self, scene: Layout, rng: np.random.Generator) -> Goal:
        a, _ = scene.shuffled("blocks", rng)
        return Goal(self.phrases.about(a=a), plan=(reach(a),))


tiers.add(Tier("reach", Reach(), rank=1, horizon=30))
