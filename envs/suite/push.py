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
    phrases = Phrases(
        "push {a} onto {zone}",
        "slide {a} onto {zone}",
        "push {a} until it lies on {zone}",
        "move {a} across the table onto {zone}",
        "slide {a} over to {zone}",
        "get {a} onto {zone} by pushing it",
        "without lifting {a}, bring it onto {zone}",
        "keep {a} on the table and push it to {zone}",
        "{a} should slide onto {zone}",
        "make {a} slide along until it is on {zone}",
        "{zone} is where {a} should lie, so push it there",
        held_out=(
            "push {a} across the table until it is on {zone}",
            "bring {a} over to {zone} by pushing it along",
            "{a} should lie on {zone}, so slide it there",
        ),
        new_words=("shove {a} onto {zone}", "nudge {a} across to {zone}", "scoot {a} over the table onto {zone}"),
    )

    def sample(self, scene: Layout, rng: np.random.Generator) -> Goal:
        a, _ = scene.shuffled("blocks", rng)
        (zone,) = scene.shuffled("pads", rng)
        return Goal(self.phrases.about(a=a, zone=zone), plan=(push(a, zone),))


tiers.add(Tier("push", Push(), rank=2, horizon=80))
