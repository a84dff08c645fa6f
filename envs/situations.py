"""How an episode begins: a pure function of its identity."""

from dataclasses import dataclass

from envs.controls import RIGHT, instruct
from envs.episodes import Episode, Split
from envs.language import Instruction
from envs.layouts import Layout, draw
from envs.levels import data_level
from envs.looks import Look, draw_look
from envs.plans import Goal
from envs.scene import Objects
from envs.tier import Tier


@dataclass(frozen=True)
class Situation:
    """What stands where, what it looks like, what is asked, and in which words."""

    layout: Layout
    look: Look
    goal: Goal
    instruction: Instruction


def objects_at(tier: Tier, level: float) -> Objects:
    """What the scene of a tier holds at a data level."""
    return tier.task.objects.among(data_level(level).distractors)


def situation(tier: Tier, episode: Episode, told: str = RIGHT) -> Situation:
    """Each part is drawn from a stream of its own, so that none changes another. `told`: see `controls`."""
    level = data_level(episode.level)
    objects = objects_at(tier, episode.level)
    drawn = draw(objects, level, episode.rng("layout"), held_out=episode.split is Split.TEST_PAIRS)
    goal = tier.task.sample(drawn, episode.rng("task"))
    layout = drawn.stacked(goal.stacked)
    instruction = instruct(goal, layout, episode, told)
    return Situation(layout, draw_look(layout, level, episode.rng("look")), goal, instruction)
