"""Episodes as they come, in any order, kept so that whatever ends the process costs those that were being played alone.

A folder `<name>.partial` beside the dataset's place holds the plan, the packed episodes one behind the other, and a
journal whose lines follow them. What lies behind the last journal line that is true is cut off on resuming.
"""

import fcntl
import hashlib
import json
import os
import shutil
from pathlib import Path
from typing import IO, Any

from envs.errors import UserError
from envs.storage import read_json, write_bytes, write_json, writing
from vla.recording import Recording

PLAN, JOURNAL, EPISODES, LOCK = "plan.json", "journal.jsonl", "episodes.bin", "lock"

Entry = dict[str, Any]
"""What is known of one episode."""


def staging_folder(out: Path) -> Path:
    """Where the dataset `out` is recorded."""
    return out.with_name(out.name + ".partial")


class Staging:
    """The folder in which one process records; it may be entered again and again until `clear`."""

    def __init__(self, recording: Recording, out: Path) -> None:
        self.folder = staging_folder(out)
        with writing(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
            self._lock = open(self.folder / LOCK, "ab")  # noqa: SIM115
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._lock.close()
            raise UserError(
                f"Another process records in {self.folder}; wait for it or choose another folder."
            ) from None
        try:
            if not (self.folder / PLAN).exists():
                write_json(self.folder / PLAN, recording.to_json())
            recording.refuse_other(read_json(self.folder / PLAN, "plan of a recording"), self.folder)
            with writing(self.folder):
                self._bytes: IO[bytes] = open(self.folder / EPISODES, "a+b")  # noqa: SIM115
                self.entries = self._resume()
                self._journal: IO[bytes] = open(self.folder / JOURNAL, "ab")  # noqa: SIM115
        except BaseException:
            self._lock.close()
            raise

    def add(self, entry: Entry, packed: bytes = b"") -> None:
        """Keep an episode: what is known of it (its `index` above all), and its frames if it has any."""
        if entry["index"] in self.entries:
            raise ValueError(f"episode {entry['index']} is in already")
        with writing(self.folder):
            self._bytes.seek(0, os.SEEK_END)
            place = {"offset": self._bytes.tell(), "length": len(packed), "sha256": hashlib.sha256(packed).hexdigest()}
            self._bytes.write(packed)
            self._bytes.flush()
            self._journal.write(json.dumps({**entry, "place": place}).encode() + b"\n")
            self._journal.flush()
        self.entries[entry["index"]] = {**entry, "place": place}

    def packed(self, index: int) -> bytes:
        """The frames of an episode; raises `UserError` if they are not what was kept."""
        place = self.entries[index]["place"]
        self._bytes.seek(place["offset"])
        data = self._bytes.read(place["length"])
        if hashlib.sha256(data).hexdigest() != place["sha256"]:
            raise UserError(f"{self.folder} was damaged while it was recorded; the same command keeps what is sound.")
        return data

    def close(self) -> None:
        for file in (self._bytes, self._journal, self._lock):
            file.close()

    def clear(self) -> None:
        """Remove the folder: what it held has its own place now."""
        self.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _resume(self) -> dict[int, Entry]:
        """The entries of the journal up to the first that is cut off or untrue; all behind that is dropped."""
        journal, entries, end = self.folder / JOURNAL, dict[int, Entry](), 0
        lines = journal.read_bytes().split(b"\n")[:-1] if journal.exists() else []
        sound = 0
        for line in lines:
            try:
                entry = json.loads(line)
                place = entry["place"]
            except (ValueError, KeyError, TypeError):
                break
            self._bytes.seek(place["offset"])
            data = self._bytes.read(place["length"])
            if hashlib.sha256(data).hexdigest() != place["sha256"]:
                break
            entries[entry["index"]], end, sound = entry, place["offset"] + place["length"], sound + 1
        write_bytes(journal, b"".join(line + b"\n" for line in lines[:sound]))
        self._bytes.truncate(end)
        return entries
