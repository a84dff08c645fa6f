"""A trained policy as an actor: chunks of actions in receding horizon."""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from envs.actors import Observation
from envs.episodes import Episode, Split
from envs.errors import UserError
from vla.compute import inference_flops, reading_flops
from vla.machine import keep_freed_memory
from vla.policy import Policy
from vla.tokens import MAX_WORDS, PADDING

ROWS = 32  # observations in one pass
LENGTHS = np.array([8, 16, 32, MAX_WORDS])  # of instructions, padding included: each is read at the least that holds it


class PolicyActor:
    """Predicts a chunk of K actions, carries out the first `execute` of them, and looks again.

    Every pass has exactly ROWS rows, the last filled up with blanks, so that what an episode's actions are does not
    depend on how many others are played beside it. `flops` counts what was spent.
    """

    def __init__(self, policy: Policy, name: str = "policy", execute: int | None = None) -> None:
        self.name, self.policy = name, policy.eval()
        self.execute = policy.config.execute if execute is None else execute
        if not 1 <= self.execute <= policy.config.chunk:
            raise UserError(f"A policy with chunks of {policy.config.chunk} cannot carry out {self.execute} actions.")
        self.device = next(policy.parameters()).device
        self.flops = 0.0
        self._act_cost = inference_flops(policy, ROWS)
        self._sentences = np.zeros((0, policy.config.text_width), np.float32)
        self._chunks = np.zeros((0, policy.config.chunk, len(policy.contract.action)), np.float32)
        self._carried_out = np.zeros(0, np.int64)
        keep_freed_memory()

    def reset(self, ids: NDArray, instructions: Sequence[str], episodes: Sequence[Episode]) -> None:
        """Simulations `ids` begin new episodes: their instructions are read, their old chunks forgotten.

        A word that the policy does not know is a mistake, but in the episodes that test it on such words.
        """
        if not len(ids):
            return
        self._make_room(int(max(ids)) + 1)
        told = zip(instructions, episodes, strict=True)
        encode = self.policy.vocabulary.encode
        words = np.stack([encode(text, allow_unknown=e.split is Split.TEST_WORDS) for text, e in told])
        length = LENGTHS[np.searchsorted(LENGTHS, (words != PADDING).sum(axis=1))]
        for one in np.unique(length).tolist():
            alike = np.nonzero(length == one)[0]
            for first in range(0, len(alike), ROWS):
                rows = alike[first : first + ROWS]
                self._sentences[np.asarray(ids)[rows]] = self._read(words[rows, :one])
        self._carried_out[ids] = self.execute

    def act(self, observation: Observation) -> NDArray[np.float32]:
        """Actions (N, 7) for all N simulations."""
        n = len(observation["agent_pos"])
        self._make_room(n)
        due = np.nonzero(self._carried_out[:n] >= self.execute)[0]
        for first in range(0, len(due), ROWS):
            self._plan(observation, due[first : first + ROWS])
        actions = self._chunks[np.arange(n), self._carried_out[:n]]
        self._carried_out[:n] += 1
        return actions

    def _read(self, words: NDArray[np.int16]) -> NDArray[np.float32]:
        """The sentences (n, width) of up to ROWS instructions."""
        block = torch.from_numpy(_filled(words.astype(np.int64)))
        with torch.inference_mode():
            sentences = self.policy.read(block.to(self.device)).float().cpu().numpy()
        self.flops += reading_flops(self.policy, ROWS, words.shape[1])
        return sentences[: len(words)]

    def _plan(self, observation: Observation, rows: NDArray[np.int64]) -> None:
        """New chunks for up to ROWS simulations."""
        cameras = self.policy.contract.cameras
        pixels = np.stack([observation["pixels"][camera][rows] for camera in cameras], axis=1)
        size = self.policy.contract.image_size
        if pixels.shape[2:4] != (size, size):
            shown = "×".join(map(str, pixels.shape[2:4]))
            raise UserError(f"The policy was trained on images of {size}×{size} pixels and is shown {shown}.")
        inputs = (pixels, observation["agent_pos"][rows], self._sentences[rows])
        ones = np.ones((ROWS, len(cameras)), np.float32), np.ones(ROWS, np.float32)
        with torch.inference_mode():
            blocks = [torch.from_numpy(x).to(self.device) for x in (*map(_filled, inputs), *ones)]
            actions = self.policy.command(*blocks)
        self._chunks[rows] = actions[: len(rows)].cpu().numpy()
        self._carried_out[rows] = 0
        self.flops += self._act_cost

    def _make_room(self, n: int) -> None:
        """Room for n simulations."""
        missing = n - len(self._carried_out)
        if missing > 0:
            self._sentences = _extended(self._sentences, missing)
            self._chunks = _extended(self._chunks, missing)
            self._carried_out = np.concatenate([self._carried_out, np.full(missing, self.execute)])


def _filled(rows: NDArray) -> NDArray:
    """Rows (up to ROWS, …) with blanks behind to make ROWS."""
    return _extended(rows, ROWS - len(rows))


def _extended(rows: NDArray, blanks: int) -> NDArray:
    return np.concatenate([rows, np.zeros((blanks, *rows.shape[1:]), rows.dtype)])
