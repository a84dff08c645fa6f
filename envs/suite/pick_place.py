"""Tier "pick-place": the named block onto the named pad."""

import numpy as np

from envs.language import Phrases
from envs.layouts import Layout
from envs.plans import Goal
from envs.scene import Objects
from envs.skills import pick, place_on
from envs.tier import Tier, tiers


class PickPlace:
    objects = Objects(blocks=2, pads=2)
    phrases = Phrases("put {a} on {pad}")

    def sample(self, scene: Layout, rng: np.random.Generator) -> Goal:
        a, _ = scene.shuffled("blocks", rng)
        pad, _ = scene.shuffled("pads", rng)
        return Goal(self.phrases.about(a=a, pad=pad), plan=(pick(a), place_on(a, pad)))


tiers.add(Tier("pick-place", PickPlace(), rank=4, horizon=60))
