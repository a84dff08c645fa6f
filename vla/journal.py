"""A training log: one line of JSON an entry."""

import json
from pathlib import Path
from typing import IO, Any

from envs.storage import write_bytes, writing


class Journal:
    """Appends to `path`, having dropped the entries beyond `step`, which training will pass again. None: no log."""

    def __init__(self, path: Path | None, step: int) -> None:
        self.path = path
        self._file: IO[str] | None = None
        if path is None:
            return
        kept = [json.dumps(entry) + "\n" for entry in read_journal(path) if entry["step"] <= step]
        write_bytes(path, "".join(kept).encode())
        with writing(path):
            self._file = open(path, "a")  # noqa: SIM115

    def write(self, entry: dict[str, Any]) -> None:
        if self._file is not None and self.path is not None:
            with writing(self.path):
                self._file.write(json.dumps(entry) + "\n")
                self._file.flush()

    def close(self) -> None:
        if self._file is not None:
            self._file.close()


def read_journal(path: Path) -> list[dict[str, Any]]:
    """The entries of a log; a last line that was cut off is left out."""
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text().splitlines(keepends=True) if line.endswith("\n")]
