"""Tier "restack": the named block onto the pad, after the one on top of it has been cleared away."""

import numpy as np

from envs.language import Phrases
from envs.layouts import Layout
from envs.plans import Goal
from envs.scene import Objects
from envs.skills import pick, place_on, put_aside
from envs.tier import Tier, tiers


class Restack:
    objects = Objects(blocks=2, pads=1)
    phrases = Phrases(
        "put {a} on {pad}",
        "place {a} on {pad}",
        "set {a} on {pad}",
        "move {a} onto {pad}",
        "bring {a} to {pad}",
        "get {a} onto {pad}",
        "make sure that {a} stands on {pad}",
        "see to it that {a} is on {pad}",
        "{a} has to stand on {pad}",
        "{a} must end up on {pad}",
        "{pad} needs {a} on it",
        held_out=(
            "{a} must stand on {pad}",
            "make sure that {a} is on {pad}",
            "see to it that {a} stands on {pad}",
        ),
        new_words=("deliver {a} to {pad}", "install {a} on {pad}", "the destination of {a} is {pad}"),
    )

    def sample(self, scene: Layout, rng: np.random.Generator) -> Goal:
        a, b = scene.shuffled("blocks", rng)
        (pad,) = scene.shuffled("pads", rng)
        return Goal(
            self.phrases.about(a=a, pad=pad),
            plan=(pick(b), put_aside(b, off=a), pick(a), place_on(a, pad)),
            stacked=((b, a),),
        )


tiers.add(Tier("restack", Restack(), rank=8, horizon=110))
