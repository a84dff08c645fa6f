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
    phrases = Phrases(
        "stack {a} on {b}",
        "place {a} on {b}",
        "put {a} on top of {b}",
        "set {a} down on top of {b}",
        "lift {a} onto {b}",
        "pick up {a} and stack it on {b}",
        "take {a} and put it on {b}",
        "build a tower of {a} on {b}",
        "make a tower with {b} at the bottom and {a} on top",
        "{a} goes on top of {b}",
        "let {b} carry {a}",
        held_out=(
            "take {a} and stack it on top of {b}",
            "build a tower with {a} on top and {b} at the bottom",
            "let {a} stay on top of {b}",
        ),
        new_words=("balance {a} on {b}", "perch {a} atop {b}", "pile {a} onto {b}"),
    )

    def sample(self, scene: Layout, rng: np.random.Generator) -> Goal:
        a, b = scene.shuffled("blocks", rng)
        return Goal(self.phrases.about(a=a, b=b), plan=(pick(a), place_on(a, b)))


tiers.add(Tier("stack-two", StackTwo(), rank=5, horizon=60))
