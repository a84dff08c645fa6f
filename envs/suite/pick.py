"""Tier "pick": the named block held aloft."""

import numpy as np

from envs.language import Phrases
from envs.layouts import Layout
from envs.plans import Goal
from envs.scene import Objects
from envs.skills import pick
from envs.tier import Tier, tiers


class Pick:
    objects = Objects(blocks=2)
    phrases = Phrases("pick up {a}")

    def sample(self, scene: Layout, rng: np.random.Generator) -> Goal:
        a, _ = scene.shuffled("blocks", rng)
        return Goal(self.phrases.about(a=a), plan=(pick(a),))


tiers.add(Tier("pick", Pick(), rank=3, horizon=40))
