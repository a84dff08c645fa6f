"""Which commit of this source tree is running."""

import subprocess
from functools import cache
from pathlib import Path


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
