"""Pools: episodes of one tier that each draw their own data level, for schedules that move the level continuously."""

import hashlib

import numpy as np

from envs.episodes import LEVEL_STEPS, Episode, Split, level_name, parse_level

POOL = "pool"  # said where a data level is expected

Level = float | str
"""A data level, or POOL."""


def parse_pool_or_level(text: str | float) -> Level:
    return POOL if text == POOL else parse_level(text, POOL)


def name_level(level: Level) -> str:
    return POOL if isinstance(level, str) else level_name(level)


def episode_at(tier: str, level: Level, split: Split, index: int) -> Episode:
    """The episode `index` of a split of a cell, or of a tier's pool: there the level is a function of all three."""
    if isinstance(level, str):
        level = _drawn_level(tier, split, index)
    return Episode(tier, level, split, index)


def _drawn_level(tier: str, split: Split, index: int) -> float:
    """Uniform in [0, 1], in steps that survive being written down."""
    key = int.from_bytes(hashlib.sha256(f"{tier}/{POOL}/{split.value}/level".encode()).digest()[:16], "big")
    return int(np.random.default_rng([key, index]).integers(LEVEL_STEPS + 1)) / LEVEL_STEPS
