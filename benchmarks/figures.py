"""The figures of a report, each an inline SVG."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import PercentFormatter

from benchmarks.evidence import CELL, Contrast, score_of, seed_means, sound
from benchmarks.ink import FAINT, INK, PAPER, ZONE, drawing, part, rung, series, to_svg
from benchmarks.tables import table_at
from curricula.records import RunRecord
from envs.episodes import Cell

SMALL_EFFECT = 5.0  # points within which arms count as alike
DOT, MEAN = 5.5, 9.0  # marker sizes
SUCCESS = "success"


def paired_differences(contrasts: Sequence[Contrast], colours: dict[str, str]) -> str:
    """One row an arm: a dot for each seed, the mean with its t interval, and the zone of small effects."""
    with drawing(height=0.75 + 0.62 * len(contrasts)) as (figure, (axes,)):
        axes.axvspan(-SMALL_EFFECT, SMALL_EFFECT, color=ZONE, lw=0, zorder=0)
        axes.axvline(0, color=FAINT, lw=1.2)
        reach = SMALL_EFFECT * 2
        for row, result in enumerate(contrasts):
            colour, y = colours[result.arm], -row
            values = list(result.differences.values())
            spread = np.linspace(-0.14, 0.14, len(values)) if len(values) > 1 else np.zeros(len(values))
            axes.plot(values, y + 0.0 + spread, "o", ms=DOT, mfc="none", mec=colour, mew=1.4)
            if values:
                axes.plot([result.mean], [y], "D", ms=MEAN, color=colour, mec=PAPER, mew=1.2)
                reach = max(reach, *(1.25 * abs(value) for value in values))
            if result.interval:
                axes.plot(result.interval, [y, y], color=colour, lw=2.2, solid_capstyle="round", zorder=1)
        for row, result in enumerate(contrasts):
            for bound in result.interval or ():  # an arrow where the interval goes on beyond the figure
                if abs(bound) > reach:
                    end, marker = (reach, ">") if bound > 0 else (-reach, "<")
                    axes.plot([end], [-row], marker, ms=8, color=colours[result.arm], clip_on=False)
        axes.set_yticks([-row for row in range(len(contrasts))], [result.arm for result in contrasts])
        axes.tick_params(axis="y", labelcolor=INK, labelsize=11, pad=10)
        axes.set_ylim(-len(contrasts) + 0.5, 0.5)
        axes.set_xlim(-reach, reach)
        axes.grid(axis="y", visible=False)
        axes.set_xlabel(f"points of TEST success, arm − {contrasts[0].baseline}")
        return to_svg(figure, "differences", "Paired differences in success between each arm and the baseline")


def success_by_cell(outcomes: pd.DataFrame, cells: Sequence[Cell], colours: dict[str, str]) -> str:
    """A panel for the mean and for each cell: a dot for each run with its Wilson interval, a bar at the arm's mean."""
    means = seed_means(outcomes)
    with drawing(height=3.1, columns=1 + len(cells), sharey=True) as (figure, panels):
        for axes, cell in zip(panels, [None, *cells], strict=True):
            here = outcomes if cell is None else table_at(outcomes, cell)
            axes.set_title("all, mean" if cell is None else short(cell, cells))
            draw_references(axes, here)
            for place, (arm, colour) in enumerate(colours.items()):
                runs = here[here["arm"] == arm]
                rates = []
                for offset, (seed, run) in zip(spread(runs["seed"].nunique()), runs.groupby("seed"), strict=True):
                    rate = means.loc[arm, seed] if cell is None else 100 * score_of(run).rate
                    rates.append(rate)
                    x = place + offset
                    if cell is not None:
                        low, high = (100 * bound for bound in score_of(run).interval)
                        axes.plot([x, x], [low, high], color=colour, lw=1.1, alpha=0.55)
                    axes.plot([x], [rate], "o", ms=DOT, color=colour, mec=PAPER, mew=0.8)
                if rates:
                    mean = float(np.mean(rates))
                    axes.plot([place - 0.36, place + 0.36], [mean, mean], color=colour, lw=2.4, solid_capstyle="round")
            axes.set_xticks([])
            axes.set_xlim(-0.7, len(colours) - 0.3)
            axes.set_ylim(-3, 103)
            axes.yaxis.set_major_formatter(PercentFormatter(decimals=0))
        return to_svg(figure, "success", "TEST success by tier and arm")


def draw_references(axes: Axes, here: pd.DataFrame) -> None:
    """What the scripted expert and random actions reach, as lines."""
    for actor, line in (("expert", "--"), ("random", ":")):
        played = here[here["arm"] == actor]
        if len(played):
            cells = played.groupby(CELL)["success_at_end"].mean()
            axes.axhline(100 * cells.mean(), color=FAINT, lw=1.1, ls=line)


def learning_curves(records: Sequence[RunRecord], cells: Sequence[Cell], colours: dict[str, str]) -> str:
    """DEV success over the share of the budget: thin lines are runs, thick ones the mean over seeds."""
    with drawing(height=2.9, columns=1 + len(cells), sharey=True) as (figure, panels):
        for axes, cell in zip(panels, [None, *cells], strict=True):
            axes.set_title("all, mean" if cell is None else short(cell, cells))
            for arm, colour in colours.items():
                lines = [curve_of(record, cell) for record in records if record.config.schedule == arm]
                for x, y in lines:
                    axes.plot(x, y, color=colour, lw=0.9, alpha=0.45)
                whole = [line for line in lines if len(line[0]) == max(len(x) for x, _ in lines)]
                if whole:
                    x, y = whole[0][0], np.mean([y for _, y in whole], axis=0)
                    axes.plot(x, y, color=colour, lw=2.3, marker="o", ms=4, mec=PAPER, mew=0.7)
            axes.set_ylim(-3, 103)
            axes.set_xlim(0, 103)
            axes.yaxis.set_major_formatter(PercentFormatter(decimals=0))
            mark_shares(axes)
        figure.supxlabel("share of the FLOPs budget", color=FAINT, fontsize=10)
        return to_svg(figure, "curves", "Learning curves: DEV success over the FLOPs budget")


def curve_of(record: RunRecord, cell: Cell | None) -> tuple[list[float], list[float]]:
    """(share of the budget [%], DEV success [%]) of one run, of one cell or of their mean."""
    x = [100 * point.spent for point in record.curve]
    y = [
        100 * float(np.mean([score.rate for where, score in point.scores.items() if cell in (None, where)]))
        for point in record.curve
    ]
    return x, y


def mixtures(records: Sequence[RunRecord], cells: Sequence[Cell]) -> str:
    """What each arm trained on as its budget was spent, and the difficulty of the task axis."""
    with drawing(height=2.7, columns=len(records), sharey=True) as (figure, panels):
        for axes, record in zip(panels, records, strict=True):
            edges = [0.0, *(100 * result.spent for result in record.stages)]
            floor = np.zeros(len(record.stages))
            for number, cell in enumerate(cells):
                weight = np.array([100 * result.stage.mixture.get(cell, 0.0) for result in record.stages])
                axes.stairs(floor + weight, edges, baseline=floor, fill=True, color=rung(number), lw=0)
                floor = floor + weight
            d = [100 * result.stage.difficulty.task for result in record.stages]
            axes.stairs(d, edges, baseline=None, color=PAPER, lw=4.5)
            axes.stairs(d, edges, baseline=None, color=INK, lw=2.0)
            axes.set_title(record.config.schedule)
            axes.set_xlim(0, 100)
            axes.set_ylim(0, 103)
            axes.grid(visible=False)
            axes.yaxis.set_major_formatter(PercentFormatter(decimals=0))
            mark_shares(axes)
        figure.supxlabel("share of the FLOPs budget", color=FAINT, fontsize=10)
        return to_svg(figure, "mixtures", "What each schedule trained on, over the FLOPs budget")


def endings(outcomes: pd.DataFrame, cells: Sequence[Cell], arms: Sequence[str], kinds: Sequence[str]) -> str:
    """How the TEST episodes of each arm ended: success and the kinds of failure, as parts of a whole."""
    rows = len(arms)
    with drawing(height=0.75 + 0.3 * rows, columns=len(cells), sharey=True) as (figure, panels):
        for axes, cell in zip(panels, cells, strict=True):
            here = sound(table_at(outcomes, cell))
            for row, arm in enumerate(arms):
                ended = here[here["arm"] == arm]
                kind = ended["failure"].where(~ended["success_at_end"].astype(bool), SUCCESS)
                left = 0.0
                for number, name in enumerate([SUCCESS, *kinds]):
                    share = 100 * float((kind == name).mean()) if len(kind) else 0.0
                    axes.barh(-row, share, left=left, height=0.66, color=part(number), lw=0)
                    left += share
            axes.set_title(short(cell, cells))
            axes.set_yticks([-row for row in range(rows)], list(arms))
            axes.tick_params(axis="y", labelcolor=INK)
            axes.set_xlim(0, 100)
            axes.grid(visible=False)
            mark_shares(axes)
        return to_svg(figure, "endings", "How episodes ended, by tier and arm")


def mark_shares(axes: Axes) -> None:
    """0, 50 and 100 % below, the outer two inside the panel, so that neighbours do not touch."""
    axes.set_xticks([0, 50, 100], ["0", "50", "100 %"])
    first, _, last = axes.get_xticklabels()
    first.set_horizontalalignment("left")
    last.set_horizontalalignment("right")


def colours_of(arms: Sequence[str]) -> dict[str, str]:
    return {arm: series(number) for number, arm in enumerate(arms)}


def short(cell: Cell, cells: Sequence[Cell]) -> str:
    """The cell's tier alone where every cell has the same level."""
    return cell.tier if len({other.level for other in cells}) == 1 else str(cell)


def spread(n: int) -> np.ndarray:
    """Places side by side for n runs."""
    return np.linspace(-0.2, 0.2, n) if n > 1 else np.zeros(n)
