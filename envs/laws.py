"""What must hold on every tier: the laws that the tests and `gradatim check-tier` put it to.

Each law looks at one tier at one data level and says in plain words what is wrong, and which episodes show it.
"""

import hashlib
import warnings
from collections.abc import Callable
from dataclasses import dataclass

import gymnasium
import numpy as np
from gymnasium.utils.env_checker import check_env

from envs.actors import Actor, Expert, Random, Zero
from envs.controls import WRONG
from envs.episodes import Episode, Outcome, Score, Split
from envs.errors import UserError
from envs.language.resolving import unclear
from envs.plans import LONGEST
from envs.rollout import Play, play
from envs.situations import situation
from envs.skills import skills
from envs.tier import Tier

LEAST_EASY, LEAST_HARD = 0.95, 0.90  # expert's success with its action noise on, at the ends of the data axis
MOST_CHANCE = 0.02  # success of random actions
SLACK = 0.8  # of the horizon, in which an undisturbed expert is done nine times out of ten
FEWEST_TEXTS = 2  # different instructions
ALIKE = 4  # episodes that are played in two ways, to see that nothing but their identity matters


@dataclass(frozen=True)
class Finding:
    """What a law found: a `problem` in plain words, empty if it holds, and the episodes that show it."""

    told: str
    problem: str = ""
    shown_by: tuple[Episode, ...] = ()


def holds(told: str) -> Finding:
    return Finding(told)


def broken(problem: str, *shown_by: Episode) -> Finding:
    return Finding("", problem, shown_by)


Law = Callable[[Tier, float, int], Finding]
"""(tier, data level, number of episodes) → finding."""


def scenes_can_be_drawn(tier: Tier, level: float, count: int) -> Finding:
    """`sample` works in every scene, and its plan names things that are there."""
    for episode in _episodes(tier, level, Split.TRAIN, count):
        try:
            made = situation(tier, episode)
        except UserError as error:
            return broken(f"episode {episode.index} cannot be drawn: {error}", episode)
        except Exception as error:  # whatever a user's `sample` raises is what is to be told
            return Finding(
                "", f"`sample` stops at episode {episode.index}: {type(error).__name__}: {error}", (episode,)
            )
        plan, present = made.goal.plan, np.nonzero(made.layout.present)[0]
        if not 1 <= len(plan) <= LONGEST:
            return broken(f"the plan has {len(plan)} steps, and 1 to {LONGEST} are possible", episode)
        for step in plan:
            if step.skill not in skills:
                return Finding(
                    "", f"the plan has a step '{step.skill}', and the skills are {', '.join(skills.names())}"
                )
            if not {step.thing, step.target} <= set(present.tolist()):
                return broken(f"the plan names a thing that is not in the scene of episode {episode.index}")
    return holds(f"{count} scenes were drawn; a plan has {len(plan)} steps")


def instructions_are_clear(tier: Tier, level: float, count: int) -> Finding:
    """Every noun phrase fits the thing that is meant and no other, and instructions vary."""
    texts = set()
    for episode in _episodes(tier, level, Split.TRAIN, count):
        made = situation(tier, episode)
        texts.add(made.instruction.text)
        vague = unclear(made.instruction, made.goal.sentence, made.layout)
        if vague:
            said = f"“{made.instruction.text}”: '{vague[0]}' does not fit just the thing that is meant"
            return broken(f"the instruction of episode {episode.index} is ambiguous, {said}", episode)
    if len(texts) < FEWEST_TEXTS:
        return broken(f"all {count} instructions are “{texts.pop()}”: the words do not matter")
    return holds(f"{len(texts)} different instructions in {count} episodes, each clear")


def another_goal_is_possible(tier: Tier, level: float, count: int) -> Finding:
    """A wrong instruction exists, so that it can be tested whether a policy heeds its words."""
    for episode in _episodes(tier, level, Split.DEV, count):
        try:
            situation(tier, episode, WRONG)
        except UserError as error:
            return broken(str(error).rstrip("."), episode)
    return holds("each scene has a goal that another instruction would ask for")


def nothing_is_solved_at_reset(tier: Tier, level: float, count: int) -> Finding:
    """Whoever does nothing does not succeed."""
    done = [o for o in _outcomes(tier, level, Zero(), Split.DEV, count) if o.success_once]
    if done:
        many = f"{len(done)} of {count} episodes are solved at reset, or by doing nothing"
        return broken(many, *(o.episode for o in done))
    return holds(f"doing nothing solves none of {count} episodes")


def chance_does_not_solve_it(tier: Tier, level: float, count: int) -> Finding:
    done = [o for o in _outcomes(tier, level, Random(), Split.DEV, count) if o.success_once]
    if len(done) > MOST_CHANCE * count:
        return broken(f"random actions solve {len(done)} of {count} episodes", *(o.episode for o in done))
    return holds(f"random actions solve {len(done)} of {count} episodes")


def the_expert_solves_it(tier: Tier, level: float, count: int) -> Finding:
    """With its action noise on, as demonstrations are made."""
    made = _outcomes(tier, level, Expert(), Split.TRAIN, count, disturbed=True, hold=0)
    failed = [o for o in made if not o.success_at_end]
    first = next((o for o in made if o.error), None)
    if first is not None:
        return broken(f"episode {first.episode.index} broke: {first.error}", first.episode)
    least = LEAST_EASY + (LEAST_HARD - LEAST_EASY) * level
    if len(failed) == count:
        why = f"{failed[0].progress:.0%} of the plan done at most; the first ends as '{failed[0].failure}'"
        return Finding(
            "", f"it is never solved: the expert fails at all {count} episodes ({why})", (failed[0].episode,)
        )
    if Score.of(made).rate < least:
        where = ", ".join(str(o.episode.index) for o in failed[:8])
        why = f"at {where}{' and others' if len(failed) > 8 else ''}, first as '{failed[0].failure}'"
        told = f"the expert fails at {len(failed)} of {count} episodes ({why}); at most {1 - least:.0%} may"
        return broken(told, *(o.episode for o in failed))
    return holds(f"the expert solves {Score.of(made)}")


def the_horizon_is_long_enough(tier: Tier, level: float, count: int) -> Finding:
    made = _outcomes(tier, level, Expert(), Split.DEV, count, hold=0)
    steps = sorted(o.steps for o in made)
    needed = steps[min(len(steps) - 1, int(0.9 * len(steps)))]
    if needed > SLACK * tier.horizon:
        enough = int(np.ceil(needed / SLACK))
        takes = f"nine episodes out of ten take the expert up to {needed} control steps"
        return broken(f"the horizon of {tier.horizon} is too short: {takes}; make it at least {enough}")
    return holds(f"the expert is done in {needed} of {tier.horizon} control steps, nine times out of ten")


def it_is_deterministic(tier: Tier, level: float, count: int) -> Finding:
    """The same episodes, played side by side and in turn, backwards, look and end the same."""
    episodes = _episodes(tier, level, Split.DEV, ALIKE)
    together, apart = _traces(episodes, slots=ALIKE), _traces(episodes[::-1], slots=1)
    odd = [episode for episode in episodes if together[episode] != apart[episode]]
    if odd:
        why = "`sample` must draw from its `rng` alone"
        return broken(f"episode {odd[0].index} is not the same when it is played again: {why}", *odd)
    return holds(f"{ALIKE} episodes are the same bit for bit, side by side and in turn")


def gymnasium_accepts_it(tier: Tier, level: float, count: int) -> Finding:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            check_env(gymnasium.make(tier.gym_id, render_mode="rgb_array", level=level).unwrapped)
        except Exception as error:  # the checker asserts, warns and raises in many ways
            return broken(f"Gymnasium's checker says: {error}")
    return holds("Gymnasium's checker is content")


LAWS: dict[str, Law] = {
    "scenes": scenes_can_be_drawn,
    "instructions": instructions_are_clear,
    "wrong instructions": another_goal_is_possible,
    "reset": nothing_is_solved_at_reset,
    "chance": chance_does_not_solve_it,
    "expert": the_expert_solves_it,
    "horizon": the_horizon_is_long_enough,
    "determinism": it_is_deterministic,
    "gymnasium": gymnasium_accepts_it,
}
"""In the order in which a problem with one explains problems with the next."""


def _episodes(tier: Tier, level: float, split: Split, count: int) -> list[Episode]:
    return [Episode(tier.name, level, split, index) for index in range(count)]


def _outcomes(tier: Tier, level: float, actor: Actor, split: Split, count: int, **how: int | bool) -> list[Outcome]:
    ticks = play(actor, _episodes(tier, level, split, count), Play(image_size=1, **how))  # type: ignore[arg-type]
    outcomes = [o for tick in ticks for o in tick.ended if o]
    return sorted(outcomes, key=lambda o: o.episode.index)


def _traces(episodes: list[Episode], slots: int) -> dict[Episode, str]:
    """What was seen, told and done in each episode, digested."""
    digests = {episode: hashlib.sha256() for episode in episodes}
    for tick in play(Expert(), episodes, Play(slots=slots, hold=0)):
        for row, episode in enumerate(tick.episodes):
            digests[episode].update(tick.instructions[row].encode())
            for part in (*tick.observation["pixels"].values(), tick.observation["agent_pos"], tick.actions):
                digests[episode].update(np.ascontiguousarray(part[row]).tobytes())
    return {episode: digest.hexdigest() for episode, digest in digests.items()}
