"""What a run was made with: versions, commit, machine. Recorded, so that a number can be traced to what made it."""

import os
import platform
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PACKAGES = ("gradatim", "torch", "mujoco", "numpy", "scipy", "gymnasium")
REPOSITORY = Path(__file__).resolve().parent.parent


def versions() -> dict[str, str]:
    found = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "not installed"
    return found


def commit() -> str:
    """The git commit of this code, with "+changes" if the tree differs from it; empty outside a checkout."""
    try:
        head = git("rev-parse", "HEAD")
        return f"{head}+changes" if git("status", "--porcelain", "--untracked-files=no") else head
    except (OSError, subprocess.SubprocessError):
        return ""


def git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=REPOSITORY, capture_output=True, text=True, check=True, timeout=20)
    return done.stdout.strip()


def machine() -> dict[str, object]:
    return {"system": platform.platform(), "processor": processor(), "cores": os.cpu_count() or 1}


def processor() -> str:
    """The model name of the processor, as the system tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")
