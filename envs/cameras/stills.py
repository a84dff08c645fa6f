"""Pictures of whatever never moves, before a camera that is fixed: worked out once an episode, not in each frame."""

import numpy as np

from envs.cameras.behind import Words, write
from envs.cameras.patches import Bools, Ints
from envs.cameras.tiles import Grid, Keys


class Stills:
    """One picture in each slot. A slot that is never used costs address space, no memory."""

    def __init__(self, slots: int, grid: Grid) -> None:
        self._grid = grid
        self._keys = np.empty((grid.tile, grid.tile, slots, grid.tiles), np.uint64)
        self._words = np.empty((slots, grid.across, grid.tile, grid.across, 3 * grid.tile // 4), np.uint32)

    def put(self, slot: Ints, keys: Keys) -> None:
        """Pictures (T, T, slots * tiles)."""
        grid = self._grid
        self._keys[:, :, slot] = keys.reshape(grid.tile, grid.tile, len(slot), grid.tiles)
        words = write(keys).reshape(grid.tile, -1, len(slot), grid.across, grid.across)
        self._words[slot] = words.transpose(2, 3, 0, 4, 1)

    def behind(self, slot: Ints) -> "Still":
        """What b simulations have behind them, `slot` (b,)."""
        return Still(self._keys.reshape(*self._keys.shape[:2], -1), self._words, slot)


class Still:
    """What one camera sees, see `behind.Behind`."""

    def __init__(self, keys: Keys, words: Words, slot: Ints) -> None:
        self._keys, self._words, self._slot = keys, words, slot
        self._tiles = words.shape[1] * words.shape[3]
        self.open: Bools = np.zeros((1, self._tiles), bool)

    def fill(self, frames: Words, calm: Bools) -> None:
        # Those that look as usual share one slot, which stays in the processor's cache.
        np.take(self._words, self._slot, axis=0, out=frames, mode="clip")

    def keys(self, row: Ints, tile: Ints) -> Keys:
        return np.take(self._keys, self._slot[row] * self._tiles + tile, axis=2)
