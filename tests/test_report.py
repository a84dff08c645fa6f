"""The report: self-contained, honest about what it is made of, and sound HTML."""

import re
from html.parser import HTMLParser

import pandas as pd
import pytest

from benchmarks import console, ink
from benchmarks.page import write_report
from benchmarks.tables import read_table, write_table
from curricula.records import COLLAPSED, RunRecord
from envs.errors import UserError

VOID = {"meta", "link", "br", "img", "input", "hr"}


class Checker(HTMLParser):
    """Collects what a page would load, and checks that tags are closed in order."""

    def __init__(self):
        super().__init__()
        self.open, self.loads, self.ids = [], [], []

    def handle_starttag(self, tag, attributes):
        for name, value in attributes:
            if name in {"src", "href", "xlink:href", "poster", "data", "action"}:
                self.loads.append(value)
            if name == "id":
                self.ids.append(value)
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


@pytest.fixture(scope="module")
def page(tmp_path_factory, draw_comparison):
    folder = draw_comparison(tmp_path_factory.mktemp("report") / "drawn")
    return folder, write_report(folder).read_text()


def test_the_page_asks_nobody_for_anything(page):
    checker = Checker()
    checker.feed(page[1])
    assert not checker.open
    assert checker.loads and all(load.startswith(("data:", "#")) for load in checker.loads)
    assert not re.search(r"url\((?!#)", page[1]), "a style sheet would load something"
    assert "@import" not in page[1]
    assert len(checker.ids) == len(set(checker.ids)), "names inside the figures clash"


def test_two_seeds_are_called_exploratory(page):
    assert "exploratory: 2 seeds" in page[1]
    assert "No claim follows from this" in page[1]


def test_eight_seeds_are_not_called_exploratory(tmp_path, draw_comparison):
    text = write_report(draw_comparison(tmp_path / "eight", seeds=8, films=False)).read_text()
    assert "8 paired seeds" in text and "exploratory" not in text


def test_the_page_shows_every_arm_and_tier_and_the_references(page):
    folder, text = page
    comparison = folder.read_plan()
    for name in (*comparison.arms, *comparison.tiers, "expert", "random"):
        assert name in text
    assert text.count("<svg") == 5


def test_figures_follow_light_and_dark(page):
    svgs = re.findall(r"<svg.*?</svg>", page[1], flags=re.DOTALL)
    for svg in svgs:
        colours = set(re.findall(r"#[0-9a-fA-F]{6}\b", svg))
        assert not colours, f"these colours do not follow the page: {colours}"
    used = set(re.findall(r"var\((--[a-z0-9-]+)\)", page[1]))
    defined = set(re.findall(r"(--[a-z0-9-]+):", page[1]))
    assert used <= defined, f"undefined colours: {used - defined}"
    assert "prefers-color-scheme: dark" in page[1]


def test_there_are_as_many_colours_in_the_style_sheet_as_in_the_figures(page):
    for kind, number in (("series", ink.SERIES), ("part", ink.PARTS), ("rung", ink.RUNGS)):
        assert len(re.findall(rf"--{kind}-\d+:", page[1])) == 2 * number, "light and dark"


def test_films_of_failures_come_first(page):
    kinds = re.findall(r'<figure class="film (good|bad)"', page[1])
    assert kinds == sorted(kinds) and set(kinds) == {"good", "bad"}


def test_the_tables_agree_with_the_outcomes(page):
    folder, text = page
    outcomes, runs = pd.read_csv(folder.outcomes_table), pd.read_csv(folder.runs_table)
    comparison = folder.read_plan()
    assert len(runs) == len(comparison.runs)
    assert list(runs.columns[:2]) == ["arm", "seed"]
    expected = len(comparison.runs) * len(comparison.cells) * comparison.test_episodes
    assert outcomes["seed"].notna().sum() == expected
    counted = outcomes[(outcomes["arm"] == "uniform") & (outcomes["tier"] == "reach")]["success_at_end"]
    assert f"{counted.sum()} of {len(counted)}" in text


def test_an_instruction_cannot_smuggle_markup_into_the_page(tmp_path, draw_comparison):
    folder = draw_comparison(tmp_path / "drawn", films=False)
    path = folder.outcomes("uniform-seed0")
    table = read_table(path)
    table.loc[~table["success_at_end"].astype(bool), "failure"] = "<script>alert(1)</script>"
    write_table(table, path)
    assert "<script>" not in write_report(folder).read_text()


def test_what_is_missing_or_odd_is_said_on_the_first_screen(tmp_path, draw_comparison):
    folder = draw_comparison(tmp_path / "drawn", films=False)
    folder.outcomes("threshold-seed1").unlink()
    record_file = folder.run("sequential-seed0") / "run.json"
    broken = RunRecord.load(record_file).to_json() | {"status": COLLAPSED}
    RunRecord.from_json(broken).save(record_file)
    table = read_table(folder.outcomes("uniform-seed1"))
    table.loc[0, "error"] = "the physics diverged"
    write_table(table, folder.outcomes("uniform-seed1"))
    text = write_report(folder).read_text()
    assert "1 of 6 runs are not finished" in text
    assert "seeds without a pair are left out (1)" in text
    assert "Collapsed in training" in text and "sequential-seed0" in text
    assert "1 episodes broke in simulation" in text
    assert "exploratory: 1 seed" in text


def test_a_comparison_without_the_baseline_still_has_a_report(tmp_path, draw_comparison):
    folder = draw_comparison(tmp_path / "drawn", films=False, arms=("sequential", "anti"))
    assert "Success by tier" in write_report(folder).read_text()


def test_report_writes_the_page_again_and_says_where(page, capsys):
    folder, text = page
    folder.report.unlink()
    assert console.main(["report", str(folder.root)]) == 0
    assert str(folder.report) in capsys.readouterr().out
    assert folder.report.read_text() == text, "the same tables give the same page"


def test_a_folder_without_a_finished_run_is_told(tmp_path, draw_comparison):
    folder = draw_comparison(tmp_path / "drawn", films=False)
    for config in folder.read_plan().runs:
        folder.outcomes(config.name).unlink()
    with pytest.raises(UserError, match="No run in .* is finished"):
        write_report(folder)


def test_a_damaged_table_is_told(tmp_path):
    path = tmp_path / "outcomes.csv"
    for damage in ("", "a,b\n1,2\n", 'arm,seed\n"x'):
        path.write_text(damage)
        with pytest.raises(UserError, match="is damaged"):
            read_table(path)
