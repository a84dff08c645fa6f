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
    phrases = Phrases(
        "put {a} on {pad}",
        "place {a} on {pad}",
        "move {a} to {pad}",
        "lift {a} onto {pad}",
        "set {a} down on {pad}",
        "pick up {a} and put it on {pad}",
        "take {a} and place it onto {pad}",
        "bring {a} to {pad} and set it down",
        "carry {a} over to {pad}",
        "{a} goes on {pad}",
        "{pad} is where {a} belongs",
        held_out=(
            "{a} belongs on {pad}",
            "pick up {a} and set it down on {pad}",
            "take {a} over to {pad} and put it down",
        ),
        new_words=("deposit {a} on {pad}", "transfer {a} onto {pad}", "relocate {a} so that {pad} lies below it"),
    )

    def sample(self, scene: Layout, rng: np.random.Generator) -> Goal:
        a, _ = scene.shuffled("blocks", rng)
        pad, _ = scene.shuffled("pads", rng)
        return Goal(self.phrases.about(a=a, pad=pad), plan=(pick(a), place_on(a, pad)))


tiers.add(Tier("pick-place", PickPlace(), rank=4, horizon=60))
