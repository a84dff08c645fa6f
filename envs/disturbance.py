"""Action noise for demonstrations, so that recovery is in the data (DART, Laskey et al. 2017)."""

import numpy as np
from numpy.typing import NDArray

from envs.episodes import Episode
from envs.levels import data_level
from envs.spaces import ACTION_SIZE

KICK_CHANCE = 0.15  # that a kick begins at a control step
KICK_STEPS = 2  # control steps that a kick lasts


def draw_disturbance(episode: Episode, horizon: int) -> NDArray[np.float32]:
    """Noise to add to each control step's action, (horizon, 7); all zero in the episodes that are left alone.

    Kicks at random times, each a Gaussian push and twist that lasts a moment, on all six axes of motion and not on the
    gripper: they put the hand where its own errors would, and leave it time to come back. Drawn from the episode's own
    stream.
    """
    level, rng = data_level(episode.level), episode.rng("disturbance")
    noise = np.zeros((horizon, ACTION_SIZE), np.float32)
    if rng.random() >= level.noise_share:
        return noise
    scale = np.repeat([level.noise_translation, level.noise_rotation], 3)
    for step in np.nonzero(rng.random(horizon) < KICK_CHANCE)[0]:
        noise[step : step + KICK_STEPS, :6] = rng.normal(size=6) * scale
    return noise
