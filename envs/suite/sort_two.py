"""Tier "sort-two": each named block onto the pad of its own colour."""

import numpy as np

from envs.language import Phrases
from envs.layouts import Layout
from envs.plans import Goal
from envs.scene import Objects
from envs.skills import pick, place_on
from envs.tier import Tier, tiers


class SortTwo:
    objects = Objects(blocks=2, pads=2, pads_match_blocks=True)
    phrases = Phrases("put {a} on {pad_a} and {b} on {pad_b}")

    def sample(self, scene: Layout, rng: np.random.Generator) -> Goal:
        a, b = scene.shuffled("blocks", rng)
        pad_a, pad_b = scene.pad_like(a), scene.pad_like(b)
        return Goal(
            self.phrases.about(a=a, b=b, pad_a=pad_a, pad_b=pad_b),
            plan=(pick(a), place_on(a, pad_a), pick(b), place_on(b, pad_b)),
        )


tiers.add(Tier("sort-two", SortTwo(), rank=6, horizon=110))
