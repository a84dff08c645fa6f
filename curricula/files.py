"""JSON files that are either whole or absent: written beside their place, then moved there in one step."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from envs.errors import UserError


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        with partial.open("w") as file:
            json.dump(content, file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)


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
