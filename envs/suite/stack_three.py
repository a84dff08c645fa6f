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
    phrases = Phrases(
        "stack {a} on {b} and then {c} on {a}",
        "put {a} on {b} and then put {c} on {a}",
        "first put {a} on {b}, then {c} on {a}",
        "stack {a} on {b}, and after that {c} on {a}",
        "place {a} on top of {b} and {c} on top of {a}",
        "before {c} goes on {a}, put {a} on {b}",
        "from bottom to top, stack {b}, {a} and {c}",
        "build a tower: {b} at the bottom, {a} in the middle, {c} on top",
        "make a tower of three with {c} on {a} and {a} on {b}",
        "{b} stays at the bottom, {a} goes on it, and {c} goes on top",
        "{c} goes on top of {a}, which goes on top of {b}",
        held_out=(
            "build a tower of three from bottom to top: {b}, {a}, {c}",
            "first place {a} on top of {b}, and after that place {c} on top of {a}",
        ),
        new_words=(
            "pile {a} onto {b}, then {c} onto {a}",
            "assemble a column: lowest {b}, next {a}, uppermost {c}",
        ),
    )

    def sample(self, scene: Layout, rng: np.random.Generator) -> Goal:
        a, b, c = scene.shuffled("blocks", rng)
        return Goal(
            self.phrases.about(a=a, b=b, c=c),
            plan=(pick(a), place_on(a, b), pick(c), place_on(c, a)),
        )


tiers.add(Tier("stack-three", StackThree(), rank=7, horizon=120))
