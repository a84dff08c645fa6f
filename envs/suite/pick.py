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
    phrases = Phrases(
        "pick up {a}",
        "lift {a}",
        "pick {a} up from the table",
        "raise {a} off the table",
        "take {a} and hold it up",
        "get {a} into the air",
        "hold {a} in the air",
        "lift {a} up high and keep it there",
        "close the hand on {a} and lift it",
        "{a} should be held above the table",
        "{a} is to leave the table and stay in the hand",
        held_out=(
            "take {a} up into the air",
            "raise {a} high above the table and hold it there",
            "close the hand on {a} and keep it off the table",
        ),
        new_words=("hoist {a}", "grab {a} and elevate it", "{a} must be airborne"),
    )

    def sample(self, scene: Layout, rng: np.random.Generator) -> Goal:
        a, _ = scene.shuffled("blocks", rng)
        return Goal(self.phrases.about(a=a), plan=(pick(a),))


tiers.add(Tier("pick", Pick(), rank=3, horizon=40))
