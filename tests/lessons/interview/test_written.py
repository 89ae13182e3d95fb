"""Numbers and entities as they are written on the sheet."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import InvalidInput
from lessons.interview.form import NUMBERS
from lessons.interview.units import FIGURES
from lessons.interview.written import (
    Measure,
    measure_of,
    read,
    read_entities,
    shown,
    such_as,
    unit_of,
    written,
    written_entities,
)

MEASURES: tuple[Measure, ...] = (
    "count", "per_day", "per_s", "seconds", "ms", "share", "load", "times", "kb", "gb",
)  # fmt: skip


@pytest.mark.parametrize(
    ("text", "measure", "value"),
    [
        ("500M", "count", 5e8), ("1,000", "count", 1000), ("31 million", "count", 3.1e7), ("0", "count", 0),
        ("5k/s", "per_day", 4.32e8), ("500M a day", "per_day", 5e8), ("2 billion posts/day", "per_day", 2e9),
        ("5k/s", "per_s", 5000), ("60k/min", "per_s", 1000), ("5787", "per_s", 5787),
        ("5", "seconds", 5), ("2 min", "seconds", 120), ("0 s", "seconds", 0), ("0,5", "seconds", 0.5),
        ("200", "ms", 200), ("200 ms", "ms", 200), ("1.5 s", "ms", 1500), ("0.2s", "ms", 200),
        ("0.5", "share", 0.5), ("50 %", "share", 0.5), ("99.99%", "share", 0.9999), ("100 %", "share", 1),
        ("0.0 %", "share", 0), ("1.65", "load", 1.65), ("120 %", "load", 1.2), ("10x", "times", 10),
        ("10 times", "times", 10), ("0.3", "kb", 0.3), ("300 bytes", "kb", 0.3), ("1 KB", "kb", 1),
        ("640", "gb", 640), ("1.5 TB", "gb", 1500), ("~ 3", "count", 3),
    ],
)  # fmt: skip
def test_a_number_is_read_in_its_unit(text: str, measure: Measure, value: float) -> None:
    assert read(text, measure) == pytest.approx(value, rel=1e-12)


@pytest.mark.parametrize("measure", MEASURES)
@pytest.mark.parametrize(
    "text", ["many", "-1", "0 apples!", "1e400", "inf", "nan", "", " ", "5 5", "1..2", "$5", "9" * 80, "5 k/s/s", "½"]
)
def test_nonsense_is_refused_with_what_is_allowed(text: str, measure: Measure) -> None:
    with pytest.raises(InvalidInput, match="allowed: such as") as refused:
        read(text, measure)
    assert such_as(measure) in str(refused.value)
    assert len(str(refused.value)) < 160


@pytest.mark.parametrize("text", ["50", "101 %", "1.0001"])
def test_a_share_is_no_more_than_all(text: str) -> None:
    with pytest.raises(InvalidInput, match="more than all"):
        read(text, "share")


@given(measure=st.sampled_from(MEASURES), value=st.floats(0, 1e18), digits=st.integers(1, 17))
def test_what_is_kept_is_written_so_that_it_is_read_back_to_the_last_digit(
    measure: Measure, value: float, digits: int
) -> None:
    rounded = float(f"{value:.{digits}g}")
    kept = rounded / 1e18 if measure == "share" else rounded
    if kept == 0 or kept >= 1e-9:
        assert read(written(kept, measure), measure) == kept


@pytest.mark.parametrize(
    ("value", "measure", "noun", "said"),
    [
        (5e8, "per_day", "posts", "500M posts a day"), (3.5e5, "per_s", "copies", "350k copies/s"),
        (200.0, "ms", "", "200 ms"), (15_000.0, "ms", "", "15 s"), (0.7, "load", "", "70 %"),
        (0.0, "seconds", "", "0 s"),
        (0.9999, "share", "", "99.99 %"), (10.0, "times", "the mean", "10 times the mean"), (0.3, "kb", "", "300 B"),
        (1500.0, "gb", "", "1.5 TB"), (0.0, "count", "rows", "0 rows"),
    ],
)  # fmt: skip
def test_a_number_is_said_with_its_unit(value: float, measure: Measure, noun: str, said: str) -> None:
    assert shown(value, measure, noun) == said


def test_every_number_of_the_sheet_and_every_figure_has_a_unit_beside_it() -> None:
    assert all(unit_of(*wanted) for wanted in NUMBERS.values())
    assert {measure_of(path) for path in FIGURES} <= set(MEASURES)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("User: id, name\nFollow", {"User": ("id", "name"), "Follow": ()}),
        ("- Post(id, author_id)\n\n* Like ( user , post )", {"Post": ("id", "author_id"), "Like": ("user", "post")}),
        ("Timeline entry: owner,, post;", {"Timeline entry": ("owner", "post")}),
        ("", {}),
    ],
)
def test_entities_are_read_one_a_line(text: str, found: dict[str, Any]) -> None:
    assert read_entities(text) == found
    assert read_entities(written_entities(found)) == found


@pytest.mark.parametrize(
    "text", ["A\nA: b", ": id", "()", f"{'x' * 61}", f"A: {'y' * 61}", "\n".join(f"E{n}" for n in range(41))]
)
def test_entities_that_make_no_sense_are_refused_with_their_line(text: str) -> None:
    with pytest.raises(InvalidInput, match=r"^Line \d+"):
        read_entities(text)
