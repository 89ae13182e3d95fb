"""One number is written in one way, wherever a kept run is shown."""

import math

import pytest

from engine.experiments.history import difference, shown, unit_shown, with_unit
from engine.experiments.report import report_html, subject_of_runs
from pages.parts import history_words


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (9994.92, "ms", "9,995 ms"),
        (13_103.4, "ms", "13,103 ms"),
        (999.96, "ms", "1,000 ms"),
        (38.7125, "ms", "38.71 ms"),
        (123.456, "ms", "123.5 ms"),
        (0.5, "ms", "0.5 ms"),
        (7, "copies", "7 copies"),
        (0.0, "", "0"),
        (0.99999, "share", "over 99.99 %"),
        (1.0, "share", "100 %"),
        (0.9917, "share", "99.17 %"),
        (0.00002, "share", "0.002 %"),
        (None, "ms", "–"),
    ],
)
def test_a_value_has_four_digits_and_always_the_same_unit(value, unit, text):
    assert with_unit(value, unit) == text
    assert (shown(value, unit), unit_shown(unit)) == (
        text.removesuffix(" %").removesuffix(f" {unit}"),
        "%" if unit == "share" else unit,
    )


def test_what_is_no_number_is_left_alone():
    assert [shown(value) for value in (True, "hybrid", math.inf)] == ["True", "hybrid", "inf"]


def test_list_tile_promise_sentence_table_and_report_agree(history):
    push, hybrid = history.run(1), history.run(2)
    lag = hybrid.summary["visible_lag_ms"]["p99"]
    text = with_unit(lag, "ms")
    assert text != f"{lag} ms", "a number that nobody rounds shows nothing"
    listed = history_words.run_table([hybrid, push])
    assert text in listed.to_html()
    assert listed.data["Visible lag p99"][0] == lag, "sorted by the number"
    assert dict(tile[:2] for tile in history_words.tiles(hybrid, push))["Visible lag p99"] == text
    assert round(hybrid.slo["visible_lag"]["measured"], 4) == lag
    assert f"measured {text}." in history_words.promise_lines(hybrid)[0]
    (row,) = [row for row in history_words.figure_rows(hybrid, push) if row["Figure"] == "visible_lag_p99_ms"]
    assert f"{row['Run 2']} {row['Unit']}" == text
    assert f"visible lag p99 {text} instead of " in difference(push, hybrid).in_words
    html = report_html(subject_of_runs(history, [2]))
    assert f"measured {text}<" in html
    assert f">{shown(lag, 'ms')}<" in html
