"""`gradatim doctor`: whether everything that a comparison needs works on this machine."""

import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.console import Common, launch
from envs.errors import UserError

LEAST_DISK = 5e9  # [B] that a quick comparison needs
LEAST_COLOURS = 5  # in a picture that shows a scene


@dataclass(frozen=True, kw_only=True)
class Options(Common):
    """Check that everything a comparison needs works here; one line for each thing."""

    out: Path = Path("results")
    """Folder that results would go to."""


def run(options: Options) -> None:
    checks: list[tuple[str, Callable[[], str]]] = [
        ("versions", versions),
        ("processor", cores),
        ("results folder", lambda: writable(options.out)),
        ("disk", lambda: disk(options.out)),
        ("video encoder", encoder),
        ("simulation", simulation),
        ("training", training),
    ]
    problems = 0
    for name, check in checks:
        try:
            print(f"OK       {name}: {check()}", flush=True)
        except (UserError, OSError, ImportError, RuntimeError, ValueError) as error:
            problems += 1
            print(f"problem  {name}: {error}", flush=True)
    if problems:
        raise UserError(f"{problems} of {len(checks)} checks found a problem; each is told above.")
    print("Everything a comparison needs works here.")


def versions() -> str:
    from curricula.provenance import versions as found

    return ", ".join(f"{name} {version}" for name, version in found().items())


def cores() -> str:
    import torch

    from curricula.provenance import processor

    cards = [torch.cuda.get_device_name(k) for k in range(torch.cuda.device_count())]
    return f"{os.cpu_count()} cores ({processor() or 'unknown'}); " + (", ".join(cards) or "no GPU, none is needed")


def writable(folder: Path) -> str:
    existing = next(place for place in (folder, *folder.resolve().parents) if place.exists())
    with tempfile.TemporaryFile(dir=existing) as file:
        file.write(b"gradatim")
    return f"{folder} can be written"


def disk(folder: Path) -> str:
    existing = next(place for place in (folder, *folder.resolve().parents) if place.exists())
    free = shutil.disk_usage(existing).free
    if free < LEAST_DISK:
        raise UserError(f"{free / 1e9:.1f} GB are free, and a comparison needs {LEAST_DISK / 1e9:.0f} GB.")
    return f"{free / 1e9:.0f} GB free"


def encoder() -> str:
    from benchmarks.films import check_encoder, write_film

    check_encoder()
    with tempfile.TemporaryDirectory() as scratch:
        film = Path(scratch) / "film.mp4"
        write_film(film, (np.full((64, 64, 3), 25 * k, np.uint8) for k in range(10)))
        return f"H.264 works ({film.stat().st_size} bytes for ten pictures)"


def simulation() -> str:
    """Plays an expert's episode and looks: a picture that does not show a scene is told, not believed."""
    from envs import Expert, Play, play, tiers
    from envs.episodes import Episode, Split

    tier = min(tiers, key=lambda tier: tier.rank)
    ticks = list(play(Expert(), [Episode(tier.name, 0.0, Split.TRAIN, 0)], Play(slots=1)))
    for camera, pixels in ticks[-1].observation["pixels"].items():
        colours = len(np.unique(pixels[0].reshape(-1, 3), axis=0))
        if colours < LEAST_COLOURS:
            raise UserError(f"The {camera} camera shows only {colours} colours; its pictures are black or blank.")
    outcome = ticks[-1].ended[0]
    if outcome is None or not outcome.success_at_end:
        raise UserError(f"The scripted expert failed at tier {tier.name}: {outcome}.")
    return f"the expert did “{outcome.instruction}” in {outcome.steps} control steps, and both cameras saw it"


def training() -> str:
    import torch

    weights = torch.ones(8, 8, requires_grad=True)
    (weights @ weights).sum().backward()
    if weights.grad is None or not bool(torch.isfinite(weights.grad).all()):
        raise UserError("torch computed a gradient that is not a number.")
    return f"torch computes gradients with {torch.get_num_threads()} threads"


if __name__ == "__main__":
    sys.exit(launch(Options, run))
