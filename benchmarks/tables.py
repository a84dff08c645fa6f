"""Tables of outcomes and of runs, as CSV files that are either whole or absent."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import pandas as pd

from benchmarks.folders import ComparisonFolder
from benchmarks.presets import Comparison
from curricula.records import RunRecord
from envs.episodes import Cell, Outcome, level_name
from envs.errors import UserError
from envs.storage import write_bytes

KEYS = ["arm", "seed"]
REFERENCE_ARMS = ("expert", "random")


def outcomes_frame(outcomes: Iterable[Outcome], arm: str, seed: int | None) -> pd.DataFrame:
    """One row an episode; the references (expert, random) have no seed."""
    rows = [{"arm": arm, "seed": seed, **outcome.row()} for outcome in outcomes]
    return pd.DataFrame(rows).astype({"seed": "Int64"})


def write_table(table: pd.DataFrame, path: Path) -> None:
    write_bytes(path, table.to_csv(index=False).encode())


def read_table(path: Path) -> pd.DataFrame:
    """A table of outcomes; empty cells of text columns are empty strings."""
    try:
        table = pd.read_csv(path, keep_default_na=False, dtype={"level": str})
    except FileNotFoundError:
        raise UserError(f"There is no table at {path}; run `gradatim compare` to its end first.") from None
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError):
        raise UserError(f"The table at {path} is damaged.") from None
    missing = {"arm", "seed", "tier", "success_at_end"} - set(table.columns)
    if missing:
        raise UserError(f"The table at {path} is damaged: it has no column {', '.join(sorted(missing))}.")
    table["seed"] = pd.to_numeric(table["seed"]).astype("Int64")
    return table


def table_at(outcomes: pd.DataFrame, cell: Cell) -> pd.DataFrame:
    """The rows of one cell."""
    return outcomes[(outcomes["tier"] == cell.tier) & (outcomes["level"] == level_name(cell.level))]


def gather_outcomes(comparison: Comparison, folder: ComparisonFolder) -> pd.DataFrame:
    """The outcomes of every run that is finished, then those of the references."""
    files = [folder.outcomes(config.name) for config in comparison.runs] + [folder.references]
    return pd.concat([read_table(file) for file in files if file.exists()], ignore_index=True)


def runs_frame(records: Sequence[RunRecord]) -> pd.DataFrame:
    """One row a run."""
    return pd.DataFrame([run_row(record) for record in records])


def run_row(record: RunRecord) -> dict[str, object]:
    scores = record.test
    rates = {f"test {cell}": score.rate for cell, score in scores.items()}
    return {
        "arm": record.config.schedule,
        "seed": record.config.seed,
        "status": record.status,
        "test_success": sum(score.rate for score in scores.values()) / max(1, len(scores)),
        **rates,
        "test_errors": sum(score.errors for score in scores.values()),
        "budget_flops": record.config.budget,
        "spent": record.spent,
        "training_flops": record.flops["training"],
        "gate_flops": record.flops["gate"],
        "steps": record.steps,
        "samples": sum(seen.samples for seen in record.exposure.values()),
        **{f"epochs {cell}": seen.epochs for cell, seen in record.exposure.items()},
        **{f"seconds_{phase}": seconds for phase, seconds in record.seconds.items()},
        "commit": record.made_with["commit"],
    }
