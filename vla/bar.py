"""What shows progress: anything with tqdm's `update`, so that no loop needs a callback."""

from typing import Protocol


class Bar(Protocol):
    def update(self, n: float) -> object:
        """`n` more are done."""
