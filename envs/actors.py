"""Who acts: the protocol that experts, policies and references share, and the three that need no training."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from envs.episodes import Episode
from envs.spaces import ACTION_SIZE

if TYPE_CHECKING:
    from envs.world import World

Observation = dict[str, Any]
"""{"pixels": {camera: uint8 (N, H, W, 3)}, "agent_pos": float32 (N, 10)}"""


class Actor(Protocol):
    """Anything that turns observations of N simulations into N actions."""

    name: str

    def reset(self, ids: NDArray, instructions: Sequence[str], episodes: Sequence[Episode]) -> None:
        """Simulations `ids` begin `episodes` and are told `instructions`."""

    def act(self, observation: Observation) -> NDArray[np.float32]:
        """Actions (N, 7) in [-1, 1] for all N simulations; those of idle ones are ignored."""


class Zero:
    """Commands no motion; the gripper is left half open."""

    name = "zero"

    def reset(self, ids: NDArray, instructions: Sequence[str], episodes: Sequence[Episode]) -> None:
        pass

    def act(self, observation: Observation) -> NDArray[np.float32]:
        return np.zeros((len(observation["agent_pos"]), ACTION_SIZE), np.float32)


class Random:
    """Uniform actions, a stream of its own for each episode."""

    name = "random"

    def __init__(self) -> None:
        self._streams: dict[int, np.random.Generator] = {}

    def reset(self, ids: NDArray, instructions: Sequence[str], episodes: Sequence[Episode]) -> None:
        for row, episode in zip(ids, episodes, strict=True):
            self._streams[int(row)] = episode.rng("random-actor")

    def act(self, observation: Observation) -> NDArray[np.float32]:
        actions = np.zeros((len(observation["agent_pos"]), ACTION_SIZE), np.float32)
        for row, stream in self._streams.items():
            actions[row] = stream.uniform(-1, 1, ACTION_SIZE)
        return actions


class Expert:
    """The scripted expert: the motion of each plan's current skill, re-planned at every control step. Privileged: it is
    the one actor that is shown the world."""

    name = "expert"

    def __init__(self) -> None:
        self._world: World | None = None

    def watch(self, world: "World") -> None:
        """See the true state of `world` from now on."""
        self._world = world

    def reset(self, ids: NDArray, instructions: Sequence[str], episodes: Sequence[Episode]) -> None:
        pass

    def act(self, observation: Observation) -> NDArray[np.float32]:
        if self._world is None:
            raise RuntimeError("An expert needs to see the world: call watch(world) first.")
        return self._world.expert_actions()
