"""What a run was made with: versions, commit, machine. Recorded, so that a number can be traced to what made it."""

import os
import platform
from pathlib import Path
from typing import Any

from envs.outside import outside_files
from vla.software import git_commit, installed_version

PACKAGES = ("gradatim", "torch", "mujoco", "numpy", "scipy", "gymnasium")


def made_with() -> dict[str, Any]:
    return {"versions": versions(), "commit": git_commit(), "machine": machine(), "tier_files": outside_files()}


def versions() -> dict[str, str]:
    return {"python": platform.python_version()} | {package: installed_version(package) for package in PACKAGES}


def machine() -> dict[str, object]:
    return {"system": platform.platform(), "processor": processor(), "cores": os.cpu_count() or 1}


def processor() -> str:
    """The model name of the processor, as the system tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")
