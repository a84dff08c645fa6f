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
    phrases = Phrases(
        "put {a} on {pad_a} and {b} on {pad_b}",
        "place {a} on {pad_a} and {b} on {pad_b}",
        "move {a} to {pad_a} and {b} to {pad_b}",
        "take {a} to {pad_a} and take {b} to {pad_b}",
        "set {a} down on {pad_a} and {b} on {pad_b}",
        "bring {a} to {pad_a}, and bring {b} to {pad_b}",
        "sort the blocks: {a} onto {pad_a}, {b} onto {pad_b}",
        "{a} goes on {pad_a} and {b} goes on {pad_b}",
        "{a} belongs on {pad_a}, and {b} belongs on {pad_b}",
        "{pad_a} is for {a} and {pad_b} is for {b}",
        "each block has its pad: {a} goes to {pad_a}, {b} to {pad_b}",
        held_out=(
            "sort {a} onto {pad_a} and {b} onto {pad_b}",
            "each block belongs on its pad: {pad_a} is for {a}, {pad_b} for {b}",
        ),
        new_words=("distribute {a} to {pad_a} and {b} to {pad_b}", "park {a} on {pad_a} and {b} on {pad_b}"),
    )

    def sample(self, scene: Layout, rng: np.random.Generator) -> Goal:
        a, b = scene.shuffled("blocks", rng)
        pad_a, pad_b = scene.pad_like(a), scene.pad_like(b)
        return Goal(
            self.phrases.about(a=a, b=b, pad_a=pad_a, pad_b=pad_b),
            plan=(pick(a), place_on(a, pad_a), pick(b), place_on(b, pad_b)),
        )


tiers.add(Tier("sort-two", SortTwo(), rank=6, horizon=110))
