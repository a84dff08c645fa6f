"""Gymnasium environments: N simulations as one native `VectorEnv`, and a single `Env` that is a batch of one."""

from typing import Any

import gymnasium as gym
import numpy as np
from gymnasium.vector import AutoresetMode, VectorEnv
from gymnasium.vector.utils import batch_space
from numpy.typing import NDArray

from envs.actors import Observation
from envs.episodes import Episode, parse_level, parse_split
from envs.errors import UserError
from envs.situations import objects_at
from envs.spaces import ACTION_SIZE, CAMERAS, CONTROL_HZ, IMAGE_SIZE, STATE_LIMIT, STATE_SIZE
from envs.tier import Tier, tiers
from envs.world import World

FILM_SIZE = 480  # [px] of `render`
ANY_SEED = 2**31  # an environment that was never seeded begins at a random index below this


def observation_space(image_size: int) -> gym.spaces.Dict:
    """What one simulation shows: the same on every tier."""
    image = gym.spaces.Box(0, 255, (image_size, image_size, 3), np.uint8)
    return gym.spaces.Dict(
        {
            "pixels": gym.spaces.Dict({camera: image for camera in CAMERAS}),
            "agent_pos": gym.spaces.Box(-STATE_LIMIT, STATE_LIMIT, (STATE_SIZE,), np.float32),
        }
    )


def action_space() -> gym.spaces.Box:
    return gym.spaces.Box(-1.0, 1.0, (ACTION_SIZE,), np.float32)


class GradatimVectorEnv(VectorEnv[Observation, NDArray[np.float32], NDArray[Any]]):
    """N episodes of a tier side by side, stepped by one call.

    After `reset(seed=s)` simulation i plays the episode with index s + i of its (tier, level, split), and each
    autoreset adds `num_envs` to it. An episode is truncated at the tier's horizon; it terminates at success only with
    `terminate_on_success`. Reward is 1 in every step in which success holds, else 0. `info` carries `instruction`,
    `success`, `is_success` (the same, by the name that trainers look for) and `progress`.
    """

    metadata: dict[str, Any] = {  # noqa: RUF012 - Gymnasium's own attribute
        "render_modes": ["rgb_array"],
        "render_fps": CONTROL_HZ,
        "autoreset_mode": AutoresetMode.NEXT_STEP,
    }

    def __init__(
        self,
        tier: str,
        num_envs: int = 1,
        *,
        level: str | float = "easy",
        split: str = "train",
        image_size: int = IMAGE_SIZE,
        threads: int = 0,
        terminate_on_success: bool = False,
        autoreset_mode: str | AutoresetMode = AutoresetMode.NEXT_STEP,
        render_mode: str | None = None,
    ) -> None:
        if render_mode not in (None, "rgb_array"):
            raise UserError(f"The render mode '{render_mode}' does not exist; there is: rgb_array.")
        self.tier: Tier = tiers[tier]
        self.level, self.split = parse_level(level), parse_split(split)
        self.num_envs, self.render_mode = num_envs, render_mode
        self.terminate_on_success = terminate_on_success
        self.autoreset_mode = AutoresetMode(autoreset_mode)
        self.metadata = {**self.metadata, "autoreset_mode": self.autoreset_mode}
        self.world = World(
            self.tier,
            objects_at(self.tier, self.level),
            num_envs,
            threads,
            image_size,
            FILM_SIZE if render_mode else None,
        )
        self.single_observation_space = observation_space(image_size)
        self.single_action_space = action_space()
        self.observation_space = batch_space(self.single_observation_space, num_envs)
        self.action_space = batch_space(self.single_action_space, num_envs)
        self._all = np.arange(num_envs)
        self._index = np.full(num_envs, -1)  # of the episode that each simulation plays; -1: none yet
        self._over = np.zeros(num_envs, bool)  # episodes that have ended and await their reset

    def reset(
        self, *, seed: int | list[int | None] | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Observation, dict[str, Any]]:
        """Begin episodes. `options={"reset_mask": bool (N,)}` begins them in some simulations only."""
        mask = np.ones(self.num_envs, bool)
        if options and "reset_mask" in options:
            mask = options["reset_mask"]
            if (
                not isinstance(mask, np.ndarray)
                or mask.shape != (self.num_envs,)
                or mask.dtype != bool
                or not mask.any()
            ):
                raise UserError(
                    f"`reset_mask` must be a boolean array of shape ({self.num_envs},) with one True at least."
                )
        ids = self._all[mask]
        self._index[ids] = self._first_indices(seed)[ids]
        self._begin(ids)
        return self._observation(), self._info(ids)

    def _first_indices(self, seed: int | list[int | None] | None) -> NDArray[np.int64]:
        """The episode with which each simulation goes on, (N,)."""
        if isinstance(seed, int | np.integer):
            super().reset(seed=int(seed))
            return int(seed) + self._all
        if seed is not None and len(seed) != self.num_envs:
            raise UserError(f"{len(seed)} seeds were given for {self.num_envs} simulations.")
        if (self._index < 0).any():
            fresh = int(self.np_random.integers(ANY_SEED)) + self._all
        else:
            fresh = self._index + self.num_envs
        if seed is None:
            return fresh
        return np.array([f if s is None else s for f, s in zip(fresh, seed, strict=True)])

    def _begin(self, ids: NDArray[np.int64]) -> None:
        self.world.begin(ids, [Episode(self.tier.name, self.level, self.split, int(i)) for i in self._index[ids]])
        self._over[ids] = False

    def step(
        self, actions: NDArray[np.float32]
    ) -> tuple[Observation, NDArray[np.float64], NDArray[np.bool_], NDArray[np.bool_], dict[str, Any]]:
        """One control step under actions (N, 7) in [-1, 1]."""
        if (self._index < 0).any():
            raise gym.error.ResetNeeded("Call reset() before step().")
        actions = np.asarray(actions)
        if actions.shape != (self.num_envs, ACTION_SIZE):
            raise UserError(f"Actions have shape {(self.num_envs, ACTION_SIZE)}; these have {actions.shape}.")
        if self._over.any() and self.autoreset_mode is AutoresetMode.DISABLED:
            raise gym.error.ResetNeeded("Some episodes are over; call reset(options={'reset_mask': over}) first.")
        fresh, going = self._all[self._over], self._all[~self._over]
        if len(fresh):
            self._index[fresh] += self.num_envs
            self._begin(fresh)
        self.world.step(going, actions[going])
        self._refuse_errors(going)
        reward, terminated, truncated = (
            np.zeros(self.num_envs),
            np.zeros(self.num_envs, bool),
            np.zeros(self.num_envs, bool),
        )
        success = self.world.plans.success(going)
        reward[going] = success
        terminated[going] = success & self.terminate_on_success
        truncated[going] = (self.world.steps[going] >= self.tier.horizon) & ~terminated[going]
        self._over = terminated | truncated
        ended = self._all[self._over]
        if not len(ended) or self.autoreset_mode is not AutoresetMode.SAME_STEP:
            return self._observation(), reward, terminated, truncated, self._info(self._all)
        final: dict[str, Any] = {}
        last, closing = self._observation(), self._info(ended)
        for row in ended:
            final = self._add_info(
                final, {"final_obs": _row(last, row), "final_info": _row_info(closing, row)}, int(row)
            )
        self._index[ended] += self.num_envs
        self._begin(ended)
        return self._observation(), reward, terminated, truncated, final | self._info(self._all)

    def render(self) -> tuple[NDArray[np.uint8], ...] | None:
        """The front camera at film size, one frame (H, W, 3) for each simulation."""
        if self.render_mode is None:
            return None
        return tuple(self.world.film(self._all))

    def _refuse_errors(self, ids: NDArray[np.int64]) -> None:
        broken = [(int(row), self.world.errors[row]) for row in ids if self.world.errors[row]]
        if broken:
            raise RuntimeError(f"Simulation {broken[0][0]}: {broken[0][1]}.")

    def _observation(self) -> Observation:
        return self.world.observe(self._all)

    def _info(self, ids: NDArray[np.int64]) -> dict[str, Any]:
        """Gymnasium's vector info: arrays of N, and beside each, under `_key`, for which simulations it is set."""
        present = np.zeros(self.num_envs, bool)
        present[ids] = True
        instruction = np.full(self.num_envs, None, object)
        instruction[ids] = [self.world.instructions[row] for row in ids]
        success, progress = np.zeros(self.num_envs, bool), np.zeros(self.num_envs)
        success[ids], progress[ids] = self.world.plans.success(ids), self.world.plans.progress(ids)
        info = {"instruction": instruction, "success": success, "is_success": success.copy(), "progress": progress}
        return info | {f"_{key}": present.copy() for key in info}


class GradatimEnv(gym.Env[Observation, NDArray[np.float32]]):
    """One episode at a time: a `GradatimVectorEnv` of one. After `reset(seed=s)` it plays episode s, then s + 1, …"""

    metadata: dict[str, Any] = {"render_modes": ["rgb_array"], "render_fps": CONTROL_HZ}  # noqa: RUF012

    def __init__(self, tier: str, *, render_mode: str | None = None, **options: Any) -> None:
        """Options are those of `GradatimVectorEnv`."""
        self.batch = GradatimVectorEnv(
            tier, 1, render_mode=render_mode, autoreset_mode=AutoresetMode.DISABLED, **options
        )
        self.render_mode = render_mode
        self.observation_space = self.batch.single_observation_space
        self.action_space = self.batch.single_action_space

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Observation, dict[str, Any]]:
        super().reset(seed=seed)
        observation, info = self.batch.reset(seed=seed)
        return _row(observation, 0), _row_info(info, 0)

    def step(self, action: NDArray[np.float32]) -> tuple[Observation, float, bool, bool, dict[str, Any]]:
        """One control step under an action (7,) in [-1, 1]."""
        observation, reward, terminated, truncated, info = self.batch.step(np.asarray(action)[None])
        return _row(observation, 0), float(reward[0]), bool(terminated[0]), bool(truncated[0]), _row_info(info, 0)

    def render(self) -> NDArray[np.uint8] | None:
        """The front camera at film size, (H, W, 3)."""
        frames = self.batch.render()
        return None if frames is None else frames[0]


def _row(observation: Observation, row: int) -> Observation:
    pixels = {camera: images[row].copy() for camera, images in observation["pixels"].items()}
    return {"pixels": pixels, "agent_pos": observation["agent_pos"][row].copy()}


def _row_info(info: dict[str, Any], row: int) -> dict[str, Any]:
    """One simulation's part of a vector info, as plain Python values."""
    values = {key: value[row] for key, value in info.items() if not key.startswith("_")}
    return {key: value.item() if isinstance(value, np.generic) else value for key, value in values.items()}
