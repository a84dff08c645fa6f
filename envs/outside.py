"""Tiers from outside this repository: from a file, or from an installed package's entry point `gradatim.tiers`."""

import hashlib
import importlib.util
import os
import sys
import traceback
from importlib.metadata import entry_points
from pathlib import Path

from envs.errors import UserError
from envs.tier import tiers

GROUP = "gradatim.tiers"
VARIABLE = "GRADATIM_TIERS"
"""Environment variable that names tier files, so that the processes a command starts know them too."""

_loaded: dict[Path, tuple[str, ...]] = {}  # files and the tiers they registered


def load_file(path: Path | str) -> tuple[str, ...]:
    """Run a tier file, once; the names of the tiers that it registers. Raises `UserError` if it cannot be run,
    registers none, or takes a name that is taken."""
    path = Path(path).resolve()
    if path not in _loaded:
        if not path.is_file():
            raise UserError(f"There is no tier file at {path}.")
        before = tiers.names()
        module_name = f"gradatim_tiers_{hashlib.sha256(str(path).encode()).hexdigest()[:12]}"
        spec = importlib.util.spec_from_file_location(module_name, path)
        if spec is None or spec.loader is None:
            raise UserError(f"The tier file {path} is not a Python file; its name must end in '.py'.")
        module = importlib.util.module_from_spec(spec)
        sys.modules[module_name] = module
        try:
            spec.loader.exec_module(module)
        except SyntaxError as error:
            raise UserError(f"The tier file {path} has a mistake in line {error.lineno}: {error.msg}.") from error
        except UserError as error:
            raise UserError(f"The tier file {path} cannot be used: {error}") from error
        except Exception as error:
            place = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(path)]
            where = f" in line {place[-1]}" if place else ""
            raise UserError(f"The tier file {path} stops{where}: {type(error).__name__}: {error}.") from error
        made = tuple(name for name in tiers.names() if name not in before)
        if not made:
            raise UserError(f"The tier file {path} registers no tier; it must end with `tiers.add(Tier(...))`.")
        _loaded[path] = made
        known = [entry for entry in os.environ.get(VARIABLE, "").split(os.pathsep) if entry]
        os.environ[VARIABLE] = os.pathsep.join([*known, *([] if str(path) in known else [str(path)])])
    return _loaded[path]


def load_all() -> None:
    """Load the files that `VARIABLE` names and what installed packages offer."""
    for name in os.environ.get(VARIABLE, "").split(os.pathsep):
        if name:
            load_file(name)
    for entry in entry_points(group=GROUP):
        try:
            entry.load()
        except Exception as error:
            raise UserError(
                f"The tiers of the package '{entry.dist.name if entry.dist else entry.value}' cannot be loaded: "
                f"{type(error).__name__}: {error}."
            ) from error


def outside_files() -> dict[str, str]:
    """The tier files in use, name and SHA-256 of each, for the record of a run."""
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(_loaded)}
