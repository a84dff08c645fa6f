"""Writing files so that a reader sees the old one or the new one, never half of one."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

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


@cache
def git_commit() -> str:
    """The commit of this source tree, "+" behind it when files differ from it; empty outside a repository."""
    here = Path(__file__).resolve().parent
    commands = (["git", "rev-parse", "HEAD"], ["git", "status", "--porcelain", "--untracked-files=no"])
    try:
        head, changes = (
            subprocess.run(command, cwd=here, capture_output=True, text=True, timeout=10, check=True).stdout.strip()
            for command in commands
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return head + ("+" if changes else "")
