"""What an actor is told in an evaluation: the right instruction, or, as a control, none or a wrong one.

Plan, goal and success stay those of the right one: an actor that heeds its instruction does worse under the controls.
"""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from envs.episodes import Episode
from envs.errors import UserError, unknown
from envs.language import Instruction, Sentence, tell
from envs.layouts import Layout
from envs.levels import data_level
from envs.plans import Goal
from envs.scene import Handle
from envs.skills import skills

RIGHT, BLANK, WRONG = TOLD = ("right", "blank", "wrong")
TRIES = 200  # ways of swapping things that are tried before a scene is said to have no other goal


def parse_told(text: str) -> str:
    if text not in TOLD:
        raise unknown("kind of instruction", text, TOLD)
    return text


def name_told(actor: str, told: str) -> str:
    """An actor's name, which says so if it is not told the right instruction."""
    return actor if told == RIGHT else f"{actor}-told-{told}"


def instruct(goal: Goal, layout: Layout, episode: Episode, told: str) -> Instruction:
    """The instruction of an episode, in the same words but for its nouns when it is a wrong one."""
    if told == BLANK:
        return Instruction("", BLANK, ())
    sentence = goal.sentence if told == RIGHT else wrong_sentence(goal, layout, episode.rng("wrong"))
    return tell(sentence, layout, data_level(episode.level), episode.split, episode.rng("words"))


def wrong_sentence(goal: Goal, layout: Layout, rng: np.random.Generator) -> Sentence:
    """The same sentence about other things of this scene: blocks are swapped with blocks and pads with pads, until
    other things are named and what is asked is not the same in other words."""
    right = goal.sentence.things
    categories = [layout.objects.handles("pad"), [h for h in layout.objects.loose if layout.present[h]]]
    for _ in range(TRIES):
        swap: dict[Handle, Handle] = {}
        for handles in categories:
            swap |= {h: int(other) for h, other in zip(handles, rng.permutation(handles), strict=True)}
        things = {slot: swap[thing] for slot, thing in right.items()}
        if things != right and asked(goal, swap) != asked(goal, {h: h for h in swap}):
            return replace(goal.sentence, things=things)
    canonical = goal.sentence.phrases.canonical
    raise UserError(f"The scene of '{canonical}' holds no other goal, so there is no wrong instruction for it.")


def asked(goal: Goal, swap: Mapping[Handle, Handle]) -> set[tuple[str, Handle, Handle]]:
    """What a goal asks to hold at the end, with things swapped."""
    steps = [step for step in goal.plan[:-1] if skills[step.skill].lasting] + [goal.plan[-1]]
    return {(step.skill, swap[step.thing], swap[step.target]) for step in steps}
