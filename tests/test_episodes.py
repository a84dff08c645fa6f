"""Which episode is played depends on its identity alone, and rates come with intervals."""

from itertools import product

import numpy as np
import pytest

from envs.episodes import Cell, Episode, Outcome, Score, Split, level_name, parse_level, parse_split
from envs.errors import UserError


def outcome(success: bool, error: str = "") -> Outcome:
    return Outcome(Episode("reach", 0.0, Split.DEV, 0), "expert", "", success, success, 1.0, 30, error=error)


def test_streams_differ_between_all_parts_of_an_identity() -> None:
    cells = product(("reach", "stack-two"), (0.0, 0.5, 1.0), Split, range(5), ("layout", "task"))
    drawn = {Episode(*identity).rng(stream).integers(2**62) for *identity, stream in cells}
    assert len(drawn) == 2 * 3 * len(Split) * 5 * 2


def test_a_stream_begins_anew_each_time() -> None:
    episode = Episode("reach", 0.0, Split.TEST, 7)
    assert episode.rng("layout").random() == episode.rng("layout").random()


def test_a_negative_index_is_refused() -> None:
    with pytest.raises(UserError, match="index"):
        Episode("reach", 0.0, Split.TRAIN, -1).rng("layout")


def test_levels_are_read_by_name_and_by_number() -> None:
    assert [parse_level(text) for text in ("easy", "medium", "hard", "0.25", 1)] == [0.0, 0.5, 1.0, 0.25, 1.0]
    assert [level_name(level) for level in (0.0, 0.25, 1.0)] == ["easy", "0.25", "hard"]


@pytest.mark.parametrize(
    ("text", "message"), [("hrad", "Did you mean 'hard'"), ("2", "between 0"), ("nan", "between 0")]
)
def test_levels_that_do_not_exist_are_refused(text: str, message: str) -> None:
    with pytest.raises(UserError, match=message):
        parse_level(text)


def test_a_misspelt_split_names_the_nearest() -> None:
    with pytest.raises(UserError, match="Did you mean 'test'"):
        parse_split("tset")


def test_a_cell_is_written_as_it_is_read() -> None:
    for text in ("stack-two@easy", "reach@0.3"):
        assert str(Cell.parse(text)) == text
    assert Cell.parse("reach") == Cell("reach", 0.0)


def test_an_error_is_neither_success_nor_failure() -> None:
    score = Score.of([outcome(True), outcome(False), outcome(False, error="the physics diverged")])
    assert score == Score(1, 2, 1)
    assert "1 errors" in str(score)


def test_interval_is_wilsons() -> None:
    """Worked by hand: 8 of 10, z = 1.96."""
    z, n, p = 1.959964, 10, 0.8
    middle, half = (
        (p + z * z / (2 * n)) / (1 + z * z / n),
        z * np.sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n),
    )
    np.testing.assert_allclose(Score(8, 10).interval, (middle - half, middle + half), atol=1e-5)
