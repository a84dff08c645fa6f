"""`gradatim report`: write a comparison's report again, from what its runs left."""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import tyro

from benchmarks.console import Common, launch
from benchmarks.folders import ComparisonFolder


@dataclass(frozen=True, kw_only=True)
class Options(Common):
    """Write the report of a comparison again, from the records and tables of its finished runs."""

    folder: Annotated[Path, tyro.conf.Positional]
    """The comparison's folder."""


def run(options: Options) -> None:
    from benchmarks.page import write_report

    print(f"The report is {write_report(ComparisonFolder(options.folder))}")


if __name__ == "__main__":
    sys.exit(launch(Options, run))
