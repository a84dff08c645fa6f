"""Tier "push": the named block slid into a zone, without being lifted."""

import numpy as np

from envs.language import Phrases
from envs.layouts import Layout
from envs.plans import Goal
from envs.scene import Objects
from envs.skills import push
from envs.tier import Tier, tiers


class Push:
    objects = Objects(blocks=2, pads=1)
    phrases = Phrases("push {a} onto {zone}")

    def sample(self, scene: Layout, rng: np.random.Generator) -> Goal:
        a, _ = scene.shuffled("blocks", rng)
        (zone,) = scene.shuffled("pads", rng)
        return Goal(self.phrases.about(a=a, zone=zone), plan=(push(a, zone),))


tiers.add(Tier("push", Push(), rank=2, horizon=80))
