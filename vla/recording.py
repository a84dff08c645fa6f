"""What a dataset is to hold, and what it holds: the plan that is written before its first episode, the manifest that is
written after its last, and the fingerprint that tells two datasets apart."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from envs import tiers
from envs.episodes import Episode, Split
from envs.errors import UserError
from envs.pools import Level, episode_at, name_level
from envs.skills import skills
from envs.spaces import Contract
from envs.storage import read_json
from vla.contracts import contract_from_json
from vla.software import installed_version

FORMAT, FORMAT_VERSION = "gradatim-dataset", 2
MANIFEST = Path("meta") / "gradatim.json"
ENGINE = ("gradatim", "mujoco", "numpy")  # packages that decide what an episode holds


def engine() -> dict[str, str]:
    return {package: installed_version(package) for package in ENGINE}


@dataclass(frozen=True)
class Recording:
    """The episodes `start` to `start + count` of one split of a cell, or of a tier's pool."""

    tier: str
    level: Level
    split: Split
    start: int
    count: int
    contract: Contract

    @property
    def name(self) -> str:
        return f"{self.tier}@{name_level(self.level)}"

    @property
    def indices(self) -> range:
        return range(self.start, self.start + self.count)

    def episode(self, index: int) -> Episode:
        return episode_at(self.tier, self.level, self.split, index)

    def to_json(self) -> dict[str, Any]:
        """All that decides what is recorded. Labels are numbers of skills, so their names belong to it."""
        return {
            "format": FORMAT,
            "format_version": FORMAT_VERSION,
            "tier": self.tier,
            "tier_version": tiers[self.tier].version,
            "level": self.level,
            "split": self.split.value,
            "start": self.start,
            "count": self.count,
            "contract": json.loads(json.dumps(self.contract.to_json())),
            "skills": skills.names(),
            "engine": engine(),
        }

    @classmethod
    def from_json(cls, plan: dict[str, Any]) -> "Recording":
        return cls(
            tier=plan["tier"],
            level=plan["level"],
            split=Split(plan["split"]),
            start=plan["start"],
            count=plan["count"],
            contract=contract_from_json(plan["contract"]),
        )

    def refuse_other(self, found: dict[str, Any], folder: Path) -> None:
        """Raises `UserError` if `folder`, whose plan is `found`, holds something else."""
        wanted = self.to_json()
        other = [key for key in wanted if found.get(key) != wanted[key]]
        if other:
            told = "; ".join(f"{key} {found.get(key)} instead of {wanted[key]}" for key in other)
            raise UserError(f"{folder} holds another dataset ({told}): choose another folder or remove that one.")


def fingerprint(plan: dict[str, Any], episodes: Sequence[dict[str, Any]]) -> str:
    """Of what was recorded, by whom: equal for equal frames, however they are packed."""
    return hashlib.sha256(json.dumps([plan, list(episodes)], sort_keys=True).encode()).hexdigest()


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of a complete dataset: `plan`, `episodes`, `files`, `layouts`, `fingerprint`. Raises `UserError` if
    there is none, or one that this version cannot read or that is damaged."""
    if not folder.is_dir():
        raise UserError(f"There is no dataset at {folder}.")
    if not (folder / MANIFEST).is_file():
        what = "is empty" if not any(folder.iterdir()) else f"has no {MANIFEST}"
        raise UserError(f"{folder} is no dataset of Gradatim: the folder {what}.")
    manifest = read_json(folder / MANIFEST, "dataset's manifest")
    plan = manifest.get("plan")
    if not isinstance(plan, dict) or plan.get("format") != FORMAT:
        raise UserError(f"{folder} is no dataset of Gradatim: its {MANIFEST} is of another kind.")
    if plan.get("format_version") != FORMAT_VERSION:
        found = plan.get("format_version")
        raise UserError(f"The dataset {folder} has format version {found}; this version reads {FORMAT_VERSION}.")
    if fingerprint(plan, manifest.get("episodes", [])) != manifest.get("fingerprint"):
        raise UserError(f"The dataset {folder} is damaged: its manifest does not agree with itself.")
    return manifest


def refuse_foreign(plan: dict[str, Any], folder: Path) -> None:
    """Raises `UserError` unless today's tier, skills and engine would record the same: what is trained on and what is
    tested on must be of one kind."""
    tier = tiers[plan["tier"]]
    again = "generate it again"
    if plan["tier_version"] != tier.version:
        raise UserError(
            f"The dataset {folder} holds version {plan['tier_version']} of tier {tier.name}, and this Gradatim has"
            f" version {tier.version}; {again}."
        )
    if plan["skills"] != skills.names()[: len(plan["skills"])]:
        raise UserError(f"The dataset {folder} was labelled with other skills than this Gradatim has; {again}.")
    other = [
        f"{name} {plan['engine'].get(name)} (here {now})"
        for name, now in engine().items()
        if plan["engine"].get(name) != now
    ]
    if other:
        raise UserError(f"The dataset {folder} was made with {', '.join(other)}; {again}, or install those versions.")
