"""Figures as inline SVG that takes its colours from the page, so that one file serves light, dark and print.

Matplotlib draws with stand-in colours; in the text of the SVG these become CSS variables.
"""

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure

INK, FAINT, GRID, PAPER, ZONE = "#010203", "#040506", "#070809", "#0a0b0c", "#0d0e0f"
VARIABLES = {INK: "--ink", FAINT: "--faint", GRID: "--grid", PAPER: "--card", ZONE: "--zone"}
SERIES = 8  # colours for arms, then again from the first
PARTS = 7  # colours for ways to end: the first is success
RUNGS = 8  # colours for rungs of the ladder, easy to hard
WIDTH = 10.0  # inches on paper that the page scales to its own width

STYLE = {
    "svg.fonttype": "none",
    "font.size": 10,
    "axes.edgecolor": GRID,
    "axes.labelcolor": FAINT,
    "axes.titlecolor": INK,
    "axes.titlesize": 10.5,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.left": False,
    "grid.color": GRID,
    "grid.linewidth": 0.8,
    "text.color": INK,
    "xtick.color": FAINT,
    "ytick.color": FAINT,
    "xtick.major.size": 0,
    "ytick.major.size": 0,
    "figure.facecolor": "none",
    "axes.facecolor": "none",
    "savefig.facecolor": "none",
    "legend.frameon": False,
}


def series(number: int) -> str:
    """The stand-in for the colour of arm `number`."""
    return f"#1000{number % SERIES:02x}"


def part(number: int) -> str:
    """The stand-in for the colour of way to end `number`; the last one serves all that follow."""
    return f"#2000{min(number, PARTS - 1):02x}"


def rung(number: int) -> str:
    """The stand-in for the colour of rung `number` of the ladder."""
    return f"#3000{number % RUNGS:02x}"


@contextmanager
def drawing(height: float, columns: int = 1, rows: int = 1, **grid: Any) -> Iterator[tuple[Figure, list[Axes]]]:
    """A figure with a grid of axes, in the page's style."""
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(WIDTH, height), layout="constrained")
        axes = figure.subplots(rows, columns, squeeze=False, **grid)
        yield figure, list(axes.flat)


def to_svg(figure: Figure, name: str, label: str) -> str:
    """The figure as an `<svg>` element; `label` says in words what it shows."""
    buffer = io.StringIO()
    with matplotlib.rc_context({**STYLE, "svg.hashsalt": name}):
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    text = buffer.getvalue()
    text = text[text.index("<svg") :]
    stand_ins = {series(k): f"--series-{k}" for k in range(SERIES)}
    stand_ins |= {part(k): f"--part-{k}" for k in range(PARTS)} | {rung(k): f"--rung-{k}" for k in range(RUNGS)}
    for stand_in, variable in (VARIABLES | stand_ins).items():
        text = text.replace(stand_in, f"var({variable})")
    text = re.sub(r'(<svg[^>]*?) width="[^"]*"', r"\1", text, count=1)
    text = re.sub(r'(<svg[^>]*?) height="[^"]*"', r"\1", text, count=1)
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    text = re.sub(r"font: ([0-9. a-z]*px) [^;\"]*", r"font: \1 var(--font)", text)
    # Names inside one page must differ from figure to figure.
    text = re.sub(r'id="([^"]+)"', rf'id="{name}-\1"', text)
    text = re.sub(r'(href="#|url\(#)', rf"\1{name}-", text)
    return text.replace("<svg", f'<svg role="img" aria-label="{label}"', 1)
