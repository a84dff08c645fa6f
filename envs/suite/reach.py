"""Tier "reach": the open hand over the named block."""

import numpy as np

from envs.language import Phrases
from envs.layouts import Layout
from envs.plans import Goal
from envs.scene import Objects
from envs.skills import reach
from envs.tier import Tier, tiers


class Reach:
    objects = Objects(blocks=2)
    phrases = Phrases(
        "reach {a}",
        "reach for {a}",
        "go to {a}",
        "hover above {a}",
        "move the hand over {a}",
        "bring the gripper to {a}",
        "hold the open hand above {a}",
        "let the gripper hover over {a}",
        "take the hand to {a} and wait there",
        "find {a} and keep the hand over it",
        "{a} is where the hand should be",
        held_out=(
            "go over to {a} and wait above it",
            "bring the open hand over {a} and keep it there",
            "the gripper should be above {a}",
        ),
        new_words=("approach {a}", "position your fingers over {a}", "float above {a}"),
    )

    def sample(self, scene: Layout, rng: np.random.Generator) -> Goal:
        a, _ = scene.shuffled("blocks", rng)
        return Goal(self.phrases.about(a=a), plan=(reach(a),))


tiers.add(Tier("reach", Reach(), rank=1, horizon=30))
