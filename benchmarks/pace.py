"""How fast this machine goes: camera steps against the bare calls beneath them, training against one fixed batch."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from curricula.stages import JOINT, even
from envs import Contract, Expert, Play, play, tiers, words
from envs.episodes import NAMED_LEVELS, Cell, Episode, Split
from envs.simulation import SUBSTEPS
from envs.situations import objects_at
from envs.spaces import IMAGE_SIZE
from envs.world import World
from vla import (
    Learner,
    LearningRate,
    Normalisation,
    Vocabulary,
    generate,
    load,
    new_policy,
    sizes,
    train,
    training_flops,
)
from vla.sampler import Source, draw_batch

SIMULATIONS = 64
EASY, HARD = NAMED_LEVELS["easy"], NAMED_LEVELS["hard"]
CHUNK = 20  # training steps timed at a time
EPISODES = 8  # demonstrations of a tier to train on
CAMERA_TURNS, TURNS = 3, 10  # how often the two that are compared change places: the machine's speed drifts


@dataclass(frozen=True)
class CameraPace:
    """Control steps of simulations per second, each with one picture from every camera."""

    env_steps_per_s: float
    """Of the rollout loop at `easy`: expert actions, physics, pictures, success and labels."""
    hard_steps_per_s: float
    """And at `hard`."""
    raw_limit_steps_per_s: float
    """Of `Batch.step` and full-frame `Batch.ray` alone, every pixel against every geom, nothing shaded."""

    @property
    def ratio(self) -> float:
        return self.env_steps_per_s / self.raw_limit_steps_per_s

    @property
    def hard_ratio(self) -> float:
        return self.hard_steps_per_s / self.env_steps_per_s


@dataclass(frozen=True)
class TrainingPace:
    """Training steps per second."""

    loop_steps_per_s: float
    fixed_batch_steps_per_s: float
    """Forward, backward and optimiser step on one batch that is already there."""

    @property
    def ratio(self) -> float:
        return self.loop_steps_per_s / self.fixed_batch_steps_per_s


def camera_pace(tier: str, seconds: float, threads: int) -> CameraPace:
    """Takes turns between the three, so that a change of the machine's mood meets all."""
    easy, hard, raw = Rate(), Rate(), Rate()
    for turn in range(CAMERA_TURNS):
        start, each = turn * 10 * SIMULATIONS, seconds / (3 * CAMERA_TURNS)
        roll(tier, EASY, each, threads, start, easy)
        roll(tier, HARD, each, threads, start, hard)
        cast(tier, each, threads, start, raw)
    return CameraPace(easy.value, hard.value, raw.value)


@dataclass
class Rate:
    """Things done and the seconds they took."""

    done: int = 0
    seconds: float = 0.0

    @property
    def value(self) -> float:
        return self.done / self.seconds

    def repeat(self, work: Callable[[], int], seconds: float) -> None:
        """Does `work`, which tells how many things it did, for so many seconds."""
        begun = time.perf_counter()
        while (passed := time.perf_counter() - begun) < seconds:
            self.done += work()
        self.seconds += passed


def roll(tier: str, level: float, seconds: float, threads: int, start: int, rate: Rate) -> None:
    """The rollout loop with the expert."""
    episodes = [Episode(tier, level, Split.TRAIN, start + k) for k in range(100 * SIMULATIONS)]
    ticks = play(Expert(), episodes, Play(slots=SIMULATIONS, threads=threads))
    next(ticks)  # compiles the scene and makes the patterns
    rate.repeat(lambda: len(next(ticks).ids), seconds)


def cast(tier: str, seconds: float, threads: int, start: int, rate: Rate) -> None:
    """The bare calls, on the same scene."""
    world = World(tiers[tier], objects_at(tiers[tier], EASY), SIMULATIONS, threads)
    ids = np.arange(SIMULATIONS)
    world.begin(ids, [Episode(tier, EASY, Split.TRAIN, start + k) for k in range(SIMULATIONS)])
    simulation = world.simulation
    bundles = []
    for camera, eye, axes in zip(world.cameras.cameras, *world.cameras.poses(ids), strict=True):
        slopes = ((2 * np.arange(IMAGE_SIZE) + 1) / IMAGE_SIZE - 1) * camera.slope
        across, down = np.meshgrid(slopes, slopes)
        directions = np.stack([across, down, np.ones_like(across)], axis=-1).reshape(-1, 3)
        bundles.append((eye[:, None], np.einsum("nij,rj->nri", axes, directions)))

    def step() -> int:
        simulation.batch.step(nstep=SUBSTEPS)
        for eye, rays in bundles:
            simulation.batch.ray(eye, rays, normal=True)
        return SIMULATIONS

    step()
    rate.repeat(step, seconds)


def training_pace(scratch: Path, seconds: float, threads: int, size: str = "tiny", batch: int = 64) -> TrainingPace:
    """Both on the same policy and data, by turns."""
    torch.set_num_threads(threads)
    cells = [Cell(tier.name, EASY) for tier in tiers]
    for cell in cells:
        generate(cell.tier, cell.level, Split.TRAIN, 0, EPISODES, scratch / cell.tier, threads=threads)
    data = {cell: load(scratch / cell.tier) for cell in cells}
    vocabulary = Vocabulary.of(words())
    policy = new_policy(sizes[size], vocabulary, Normalisation.of(data.values()), Contract(), seed=0)
    learner, mixture = Learner(policy, seed=0, batch=batch), even(cells)
    source = Source(data, vocabulary)
    cost = training_flops(policy, JOINT, batch, source.length)
    fixed, _ = draw_batch(source, mixture, 0, 0, batch, policy.config.chunk, learner.augmentation)

    def loop() -> int:
        until = learner.flops + CHUNK * cost
        return train(learner, data, mixture, JOINT, until, budget_flops=1e18, rate=LearningRate()).steps

    def bare() -> int:
        for _ in range(CHUNK):
            losses = learner.policy.losses(fixed, JOINT)
            learner.optimizer.zero_grad()
            torch.stack([JOINT[name] * loss for name, loss in losses.items()]).sum().backward()
            learner.optimizer.step()
        return CHUNK

    whole, alone = Rate(), Rate()
    loop(), bare()
    for _ in range(TURNS):
        whole.repeat(loop, seconds / (2 * TURNS))
        alone.repeat(bare, seconds / (2 * TURNS))
    return TrainingPace(whole.value, alone.value)
