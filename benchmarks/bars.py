"""Progress bars: live on a terminal, a line now and then in a log."""

import sys
from collections.abc import Iterable
from typing import Any

from tqdm import tqdm

QUIET_INTERVAL = 20.0  # [s] between lines where nobody watches live


def bar(total: float, what: str, unit: str = "it", **more: Any) -> tqdm:
    live = sys.stderr.isatty()
    return tqdm(
        total=total,
        desc=what,
        unit=unit,
        dynamic_ncols=True,
        mininterval=0.2 if live else QUIET_INTERVAL,
        **more,
    )


def counted(things: Iterable[Any], total: int, what: str, unit: str = "it") -> Iterable[Any]:
    """`things`, with a bar that moves by one for each."""
    with bar(total, what, unit) as progress:
        for thing in things:
            yield thing
            progress.update(1)


def advance(progress: tqdm, to: float) -> None:
    """Move a bar forward to `to`: never back, never beyond its end."""
    progress.update(max(0.0, min(to, progress.total) - progress.n))
