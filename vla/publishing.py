"""From episodes that were kept as they came to a dataset under its name: whole, in order, or not there at all."""

import hashlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa

from envs.storage import write_json, writing
from vla.lerobot import Kept, write_dataset
from vla.recording import MANIFEST, Recording, fingerprint
from vla.selection import Selection
from vla.staging import Entry, Staging

DRAFT = "dataset"  # in the folder of the recording, until it gets its name
TOLD = ("index", "instruction", "template", "level", "frames", "failure", "digest")  # of an entry, in the manifest
EXTRAS = "gradatim/"  # begins the names of columns that other tools do not know


def publish(staging: Staging, recording: Recording, out: Path) -> None:
    """Make the dataset `out` of everything that was recorded. A kill at any moment leaves the recording as it was, or
    the dataset in its place."""
    draft = staging.folder / DRAFT
    entries = [staging.entries[index] for index in recording.indices]
    with writing(out):
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir()
        write_dataset(draft, recording.contract, _kept(staging, recording, entries))
        plan = recording.to_json()
        told = [{key: entry[key] for key in TOLD} for entry in entries]
        manifest: dict[str, Any] = {
            "fingerprint": fingerprint(plan, told),
            "plan": plan,
            "files": {file.relative_to(draft).as_posix(): seal(file) for file in dataset_files(draft)},
            "layouts": Selection.of(*_measures(entries)).to_json(),
            "episodes": told,
        }
        write_json(draft / MANIFEST, manifest)
        for file in dataset_files(draft):
            _settle(file)
        os.replace(draft, out)
        _settle(out.parent)
    staging.clear()


def dataset_files(folder: Path) -> list[Path]:
    """All files of a dataset but its manifest."""
    return sorted(file for file in folder.rglob("*") if file.is_file() and file != folder / MANIFEST)


def seal(file: Path) -> dict[str, Any]:
    """What a file must be to be the one that was written."""
    with open(file, "rb") as content:
        return {"bytes": file.stat().st_size, "sha256": hashlib.file_digest(content, "sha256").hexdigest()}


def _kept(staging: Staging, recording: Recording, entries: list[Entry]) -> Iterator[Kept]:
    for entry in entries:
        if entry["frames"]:
            extras = {
                "tier": recording.tier,
                "level": entry["level"],
                "split": recording.split.value,
                "index": entry["index"],
                "template": entry["template"],
            }
            yield Kept(
                frames=pa.ipc.open_stream(staging.packed(entry["index"])).read_all(),
                instruction=entry["instruction"],
                spreads=entry["spreads"],
                extras={EXTRAS + name: value for name, value in extras.items()},
            )


def _measures(entries: list[Entry]) -> tuple[list[dict[str, float]], list[dict[str, float]]]:
    kept = [entry["layout"] for entry in entries if entry["frames"]]
    return kept, [entry["layout"] for entry in entries if not entry["frames"]]


def _settle(path: Path) -> None:
    """Have the disk hold it, so that a power cut does not leave a name without its content."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
