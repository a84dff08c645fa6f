"""The one rollout loop: demonstrations, evaluation and films are all played by `play`."""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from envs.actors import Actor, Expert, Observation
from envs.controls import RIGHT, name_told, parse_told
from envs.disturbance import draw_disturbance
from envs.episodes import Episode, Outcome
from envs.plans import HOLD_STEPS
from envs.scene import Objects
from envs.situations import objects_at
from envs.spaces import ACTION_SIZE, IMAGE_SIZE
from envs.tier import Tier, tiers
from envs.world import Labels, World

SLOTS = 64  # simulations played side by side unless told otherwise


@dataclass(frozen=True)
class Tick:
    """One control step of the simulations that are playing; rows are in the order of `ids`."""

    tier: str
    ids: NDArray[np.int64]
    episodes: list[Episode]
    instructions: list[str]
    steps: NDArray[np.int64]  # control steps played before this one
    observation: Observation  # seen before the action
    labels: Labels  # true before the action
    actions: NDArray[np.float32]  # (m, 7) chosen by the actor; a disturbance is not in it
    success: NDArray[np.bool_]  # after the action
    progress: NDArray[np.float64]  # after the action
    ended: list[Outcome | None]  # the outcome of the episodes that this step ended
    film: NDArray[np.uint8] | None = None  # (m, H, W, 3) of the front camera at film size, before the action


@dataclass(frozen=True)
class Play:
    """How episodes are played."""

    slots: int = SLOTS  # simulations of a tier side by side
    threads: int = 0  # 0: every core
    image_size: int = IMAGE_SIZE  # [px]
    hold: int | None = None  # end an episode when success has held so many control steps; None: play to the horizon
    disturbed: bool = False  # add the data level's action noise
    film_size: int | None = None  # [px] add pictures of this size to each tick
    told: str = RIGHT  # the instruction that the actor is given, see `controls`; outcomes name it with the actor

    def __post_init__(self) -> None:
        parse_told(self.told)


def play(actor: Actor, episodes: Sequence[Episode], how: Play = Play()) -> Iterator[Tick]:
    """Play episodes, scene by scene, in simulations side by side; one that ends takes the next episode.

    An episode that breaks (the physics diverges, an action is not finite) ends with an `Outcome` that says so.
    """
    alike: dict[tuple[str, Objects], list[Episode]] = {}
    for episode in episodes:
        alike.setdefault((episode.tier, objects_at(tiers[episode.tier], episode.level)), []).append(episode)
    for (tier, objects), group in alike.items():
        yield from _play_alike(actor, tiers[tier], objects, group, how)


def _play_alike(actor: Actor, tier: Tier, objects: Objects, episodes: list[Episode], how: Play) -> Iterator[Tick]:
    n, name = min(how.slots, len(episodes)), name_told(actor.name, how.told)
    world = World(tier, objects, n, how.threads, how.image_size, how.film_size, how.told)
    if isinstance(actor, Expert):
        actor.watch(world)
    noise = np.zeros((n, tier.horizon, ACTION_SIZE), np.float32)
    waiting = deque(episodes)
    free = np.arange(n)
    playing = np.zeros(n, bool)
    while True:
        begun = free[: len(waiting)]
        if len(begun):
            fresh = [waiting.popleft() for _ in begun]
            world.begin(begun, fresh)
            actor.reset(begun, [world.instructions[row] for row in begun], fresh)
            if how.disturbed:
                noise[begun] = [draw_disturbance(episode, tier.horizon) for episode in fresh]
            playing[begun] = True
        ids = np.nonzero(playing)[0]
        if not len(ids):
            return
        observation = world.observe(np.arange(n))
        labels = world.labels(ids)
        pictures = world.film(ids) if how.film_size else None
        steps = world.steps[ids]
        actions = np.asarray(actor.act(observation))[ids]
        # A disturbance ends where success begins, so that a demonstration can end at rest.
        kicks = noise[ids, steps] * (world.plans.held[ids] == 0)[:, None]
        world.step(ids, actions + kicks)
        ended = [_outcome(world, row, name, how.hold) for row in ids.tolist()]
        yield Tick(
            tier=tier.name,
            ids=ids,
            episodes=[world.episodes[row] for row in ids.tolist()],
            instructions=[world.instructions[row] for row in ids],
            steps=steps,
            observation=_take(observation, ids),
            labels=labels,
            actions=actions,
            success=world.plans.success(ids),
            progress=world.plans.progress(ids),
            ended=ended,
            film=pictures,
        )
        free = ids[[outcome is not None for outcome in ended]]
        playing[free] = False


def _take(observation: Observation, ids: NDArray[np.int64]) -> Observation:
    """Rows `ids` of an observation."""
    pixels = {camera: images[ids] for camera, images in observation["pixels"].items()}
    return {"pixels": pixels, "agent_pos": observation["agent_pos"][ids]}


def _outcome(world: World, row: int, actor: str, hold: int | None) -> Outcome | None:
    """The outcome of a simulation's episode if it is over."""
    held = int(world.plans.held[row])
    over = world.steps[row] >= world.tier.horizon or (hold is not None and held >= HOLD_STEPS + hold)
    if not over and not world.errors[row]:
        return None
    success = held >= HOLD_STEPS
    return Outcome(
        episode=world.episodes[row],
        actor=actor,
        instruction=world.instructions[row],
        success_at_end=success and not world.errors[row],
        success_once=bool(world.once[row]),
        progress=float(world.plans.progress(np.array([row]))[0]),
        steps=int(world.steps[row]),
        failure="" if success or world.errors[row] else world.failure(row),
        error=world.errors[row],
    )
