"""The report of a comparison: one self-contained HTML page, from the tables and records in its folder."""

import base64
import io
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import imageio.v3 as imageio
import pandas as pd
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from benchmarks import evidence, figures
from benchmarks.folders import ComparisonFolder
from benchmarks.ink import PARTS, RUNGS, SERIES
from benchmarks.jobs import filmed
from benchmarks.presets import Comparison
from benchmarks.tables import REFERENCE_ARMS, gather_outcomes, runs_frame, table_at, write_table
from curricula.records import COLLAPSED, RunRecord
from envs.errors import UserError
from envs.storage import read_json, write_bytes

TEMPLATES = Path(__file__).parent / "templates"
FLOOR, CEILING = 10.0, 95.0  # [%] beyond which arms cannot be told apart
PHASES = ("generate", "train", "gate", "dev", "test")


@dataclass(frozen=True)
class Clip:
    """A film in the page."""

    arm: str
    tier: str
    index: int
    instruction: str
    verdict: str
    good: bool
    data: str  # base64 of the mp4
    poster: str  # base64 of its last picture as JPEG, for print and for browsers that do not start it


def write_report(folder: ComparisonFolder) -> Path:
    """Writes `runs.csv`, `outcomes.csv` and `report.html` from what the runs left; returns the page's path."""
    comparison = folder.read_plan()
    if comparison is None:
        raise UserError(f"There is no comparison in {folder.root}; `gradatim compare --out {folder.root}` makes one.")
    records = finished_records(comparison, folder)
    if not records:
        raise UserError(
            f"No run in {folder.root} is finished; `gradatim compare --out {folder.root}` goes on with them."
        )
    outcomes = gather_outcomes(comparison, folder)
    write_table(runs_frame(records), folder.runs_table)
    write_table(outcomes, folder.outcomes_table)
    write_bytes(folder.report, render(comparison, records, outcomes, clips(comparison, folder)).encode())
    return folder.report


def finished_records(comparison: Comparison, folder: ComparisonFolder) -> list[RunRecord]:
    """The records of the runs whose policy has been through its TEST episodes."""
    done = [config.name for config in comparison.runs if folder.outcomes(config.name).exists()]
    return [RunRecord.load(folder.run(name) / "run.json") for name in done]


def clips(comparison: Comparison, folder: ComparisonFolder) -> list[Clip]:
    """The films, failures first, hardest tier first."""
    found = []
    for arm in comparison.arms:
        listing = filmed(folder, comparison.run_config(arm, 0).name)
        for film in read_json(listing, "list of films")["films"] if listing.exists() else []:
            path = folder.films / film["file"]
            if path.exists():
                found.append(read_clip(arm, film, path))
    order = {tier: -place for place, tier in enumerate(comparison.tiers)}
    return sorted(found, key=lambda clip: (clip.good, order[clip.tier], comparison.arms.index(clip.arm)))


def read_clip(arm: str, film: dict[str, Any], path: Path) -> Clip:
    verdict = film["failure"] or film["error"] or "success"
    last = deque(imageio.imiter(path, plugin="FFMPEG"), maxlen=1)[0]
    poster = io.BytesIO()
    imageio.imwrite(poster, last, extension=".jpg", quality=80)
    return Clip(
        arm=arm,
        tier=film["tier"],
        index=film["index"],
        instruction=film["instruction"],
        verdict=verdict,
        good=verdict == "success",
        data=base64.b64encode(path.read_bytes()).decode(),
        poster=base64.b64encode(poster.getvalue()).decode(),
    )


def render(comparison: Comparison, records: Sequence[RunRecord], outcomes: pd.DataFrame, films: Sequence[Clip]) -> str:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    cells, arms = comparison.cells, [arm for arm in comparison.arms if any(r.config.schedule == arm for r in records)]
    colours = figures.colours_of(arms)
    found = evidence.contrasts(outcomes)
    trained = outcomes[~outcomes["arm"].isin(REFERENCE_ARMS)]
    kinds = list(trained.loc[trained["failure"] != "", "failure"].value_counts().index)
    first = [next(r for r in records if r.config.schedule == arm) for arm in arms]
    seeds = min((len(c.differences) for c in found), default=comparison.seeds)
    return environment.get_template("report.html").render(
        comparison=comparison,
        exploratory=evidence.is_exploratory(seeds),
        least_seeds=evidence.LEAST_SEEDS,
        seeds=seeds,
        sentences=[evidence.describe(c) for c in found],
        baseline=evidence.BASELINE,
        small_effect=figures.SMALL_EFFECT,
        arms=[{"name": arm, "colour": f"var(--series-{k % SERIES})"} for k, arm in enumerate(arms)],
        parts=[{"name": n, "colour": f"var(--part-{min(k, PARTS - 1)})"} for k, n in enumerate(["success", *kinds])],
        rungs=[{"name": str(c), "colour": f"var(--rung-{k % RUNGS})"} for k, c in enumerate(cells)],
        differences=figures.paired_differences(found, colours) if found else "",
        success=figures.success_by_cell(outcomes, cells, colours),
        curves=figures.learning_curves(records, cells, colours) if any(r.curve for r in records) else "",
        mixtures=figures.mixtures(first, cells),
        endings=figures.endings(trained, cells, arms, kinds),
        table=success_table(outcomes, comparison, arms),
        columns=[figures.short(cell, cells) for cell in cells],
        films=films,
        notes=notes(comparison, records, found, outcomes),
        whys={r.config.schedule: changes(r) for r in first},
        runs=[run_line(record) for record in records],
        phases=PHASES,
        made_with=records[-1].made_with,
        commits=sorted({r.made_with["commit"] or "not a git checkout" for r in records}),
        flops=scientific(comparison.budget),
    )


def scientific(number: float) -> Markup:
    """2.5e13 as people write it."""
    digits, _, power = f"{number:.2g}".partition("e")
    return Markup(f"{digits} × 10<sup>{int(power)}</sup>") if power else Markup(digits)


def success_table(outcomes: pd.DataFrame, comparison: Comparison, arms: Sequence[str]) -> list[dict[str, Any]]:
    """One row an arm or reference: the mean over cells, then each cell's pooled score."""
    means = evidence.seed_means(outcomes)
    rows = []
    for arm in [*arms, *(name for name in REFERENCE_ARMS if name in set(outcomes["arm"]))]:
        played = outcomes[outcomes["arm"] == arm]
        scores = [evidence.score_of(table_at(played, cell)) for cell in comparison.cells]
        mean = float(means.loc[arm].mean()) if arm in means.index else 100 * sum(s.rate for s in scores) / len(scores)
        rows.append({"arm": arm, "mean": mean, "scores": scores, "reference": arm in REFERENCE_ARMS})
    return rows


def changes(record: RunRecord) -> list[str]:
    """What moved the schedule, each reason where it first held."""
    told: list[str] = []
    last, began = None, 0.0
    for result in record.stages:
        if result.stage.why != last:
            told.append(f"from {began:.0%}: {result.stage.why}")
            last = result.stage.why
        began = result.spent
    return told


def notes(
    comparison: Comparison, records: Sequence[RunRecord], found: Sequence[evidence.Contrast], outcomes: pd.DataFrame
) -> list[str]:
    """What a reader must know before believing the figures."""
    told = []
    missing = len(comparison.runs) - len(records)
    if missing:
        told.append(f"{missing} of {len(comparison.runs)} runs are not finished; this is an interim report.")
    for result in found:
        if result.excluded:
            seeds = ", ".join(map(str, result.excluded))
            told.append(f"{result.arm} against {result.baseline}: seeds without a pair are left out ({seeds}).")
    collapsed = [record.config.name for record in records if record.status == COLLAPSED]
    if collapsed:
        told.append(f"Collapsed in training (loss not a number), all TEST episodes counted as failures: {collapsed}.")
    broken = int((outcomes["error"] != "").sum())
    if broken:
        told.append(f"{broken} episodes broke in simulation; they count neither as success nor as failure.")
    means = evidence.seed_means(outcomes).mean(axis=1)
    if len(means) and (means.max() < FLOOR or means.min() > CEILING):
        where = "the floor" if means.max() < FLOOR else "the ceiling"
        told.append(f"Every arm is near {where}: no difference between arms could show here.")
    uneven = max(record.spent for record in records) - min(record.spent for record in records)
    if uneven > 0.01:
        told.append(f"Runs ended up to {uneven:.1%} of the budget apart.")
    return told


def run_line(record: RunRecord) -> dict[str, Any]:
    return {
        "name": record.config.name,
        "status": record.status,
        "steps": record.steps,
        "spent": record.spent,
        "gate": record.flops["gate"] / record.config.budget,
        "seconds": {phase: record.seconds.get(phase, 0.0) for phase in PHASES},
    }
