"""Writing files so that a reader sees the old one or the new one, never half of one; and reading JSON."""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from envs.errors import UserError


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turns the system's refusal to write (full disk, read-only folder, no permission) into a `UserError`."""
    try:
        yield
    except OSError as error:
        raise UserError(f"Cannot write {path}: {error.strerror or error}.") from error


def write_bytes(path: Path, data: bytes) -> None:
    """Write a whole file, durably and at once."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.draft")
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with open(draft, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.replace(draft, path)
        finally:
            draft.unlink(missing_ok=True)


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    write_bytes(path, json.dumps(content, indent=1).encode())


def read_json(path: Path, what: str) -> dict[str, Any]:
    """The object in a JSON file; raises `UserError`, calling the file `what`, if it is missing or damaged."""
    try:
        content = json.loads(path.read_text())
    except FileNotFoundError:
        raise UserError(f"There is no {what} at {path}.") from None
    except (json.JSONDecodeError, UnicodeDecodeError):
        raise UserError(f"The {what} at {path} is damaged: it is not JSON.") from None
    if not isinstance(content, dict):
        raise UserError(f"The {what} at {path} is damaged: it does not hold an object.")
    return content
