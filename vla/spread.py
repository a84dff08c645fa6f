"""How the numbers of a dataset are spread, episode by episode and over all of it, as LeRobot's tools want it."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

QUANTILES = {"q01": 0.01, "q10": 0.10, "q50": 0.50, "q90": 0.90, "q99": 0.99}
GREYS = 256

Spread = dict[str, list]
"""min, max, mean, std, count and QUANTILES of one feature, as nested lists."""


def spread_of(numbers: NDArray) -> Spread:
    """Of rows (T, d) or (T,): lists of d numbers, or of one."""
    rows = numbers.reshape(len(numbers), -1).astype(np.float64)
    quantiles = np.quantile(rows, list(QUANTILES.values()), axis=0)
    told = {
        "min": rows.min(0),
        "max": rows.max(0),
        "mean": rows.mean(0),
        "std": rows.std(0),
        **dict(zip(QUANTILES, quantiles, strict=True)),
    }
    return {name: value.tolist() for name, value in told.items()} | {"count": [len(rows)]}


def spread_of_pictures(pictures: NDArray[np.uint8]) -> Spread:
    """Of pictures (T, H, W, 3), scaled to [0, 1]: lists of shape (3, 1, 1)."""
    counts = np.stack([np.bincount(pictures[..., channel].reshape(-1), minlength=GREYS) for channel in range(3)])
    greys = np.arange(GREYS) / (GREYS - 1)
    total = counts.sum(1, keepdims=True)
    mean = (counts * greys).sum(1) / total[:, 0]
    square = (counts * greys**2).sum(1) / total[:, 0]
    below = counts.cumsum(1) / total
    told = {
        "min": greys[(counts > 0).argmax(1)],
        "max": greys[GREYS - 1 - (counts[:, ::-1] > 0).argmax(1)],
        "mean": mean,
        "std": np.sqrt(np.maximum(square - mean**2, 0)),
        **{name: greys[(below >= part).argmax(1)] for name, part in QUANTILES.items()},
    }
    return {name: value.reshape(3, 1, 1).tolist() for name, value in told.items()} | {"count": [len(pictures)]}


def spread_over(episodes: Sequence[Mapping[str, list]]) -> Spread:
    """Of one feature over all episodes. Quantiles are averages of theirs, as LeRobot makes them."""
    parts = {name: np.array([episode[name] for episode in episodes], np.float64) for name in episodes[0]}
    counts = parts.pop("count").reshape(-1)
    weights = (counts / counts.sum()).reshape(-1, *[1] * (parts["mean"].ndim - 1))
    mean = (weights * parts["mean"]).sum(0)
    told = {
        "min": parts["min"].min(0),
        "max": parts["max"].max(0),
        "mean": mean,
        "std": np.sqrt((weights * (parts["std"] ** 2 + (parts["mean"] - mean) ** 2)).sum(0)),
        **{name: (weights * parts[name]).sum(0) for name in QUANTILES},
    }
    return {name: value.tolist() for name, value in told.items()} | {"count": [int(counts.sum())]}
