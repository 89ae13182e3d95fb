"""Reports: all in one file, nothing that runs, nothing that is fetched, and names from outside are only names."""

import csv
import io
from dataclasses import replace
from html.parser import HTMLParser

import duckdb
import numpy as np
import pytest
from PIL import Image

from engine.errors import HistoryError, InvalidInput
from engine.experiments.history import FIGURES, RunHistory, command_of
from engine.experiments.report import (
    Subject,
    report_html,
    subject_of_comparison,
    subject_of_runs,
    subject_of_study,
    write_report,
)
from engine.experiments.run import series_of
from engine.observe.metric import Metric

HOSTILE = "<script>alert(1)</script>\"'&$\\frac{x}$ {{ 7 * 7 }}.csv"
RUNS_OR_FETCHES = {"script", "link", "img", "iframe", "object", "embed", "base", "form", "audio", "video", "image"}


class Page(HTMLParser):
    """What a browser would make of a page: elements, attributes, text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.text = ""
        self.declared: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.elements.append(tag)
        self.attributes += attrs

    def handle_decl(self, decl):
        self.declared.append(decl)

    def handle_pi(self, data):
        self.declared.append(data)

    def handle_data(self, data):
        self.text += data


def self_contained(html: str) -> Page:
    page = Page(html)
    assert page.declared == ["doctype html"]
    assert not RUNS_OR_FETCHES & set(page.elements)
    for name, value in page.attributes:
        assert not name.startswith("on")
        if name in ("src", "href", "xlink:href", "srcset", "data", "action", "poster"):
            assert value.startswith("#")
        assert name.startswith("xmlns") or "://" not in (value or "")
    assert "@import" not in html
    assert "url(http" not in html
    return page


@pytest.fixture(scope="module")
def subject(recorded) -> Subject:
    return subject_of_runs(RunHistory(recorded.path), [1, 2])


@pytest.fixture(scope="module")
def brief(subject) -> Subject:
    """With two of the eight charts, where their number does not matter."""
    metrics = (Metric.VISIBLE_LAG, Metric.DELIVERIES)
    return replace(subject, series=tuple({metric: series[metric] for metric in metrics} for series in subject.series))


@pytest.fixture(scope="module")
def html(subject) -> str:
    return report_html(subject)


def test_a_report_of_runs_holds_all_there_is_to_know_of_them(subject, html):
    page = self_contained(html)
    for run in subject.runs:
        for told in (run.digest, run.code_version, command_of(run), *map(str, run.config)):
            assert told in page.text
    for figure in FIGURES:
        assert figure.name in page.text
    assert page.elements.count("svg") == 8
    for told in ("modelled", "measured", "After the drain", "99 in 100 readable within 5,000 ms; measured"):
        assert told in page.text
    labels = [value for name, value in page.attributes if name == "aria-label"]
    assert len(labels) == 8
    assert "at most" in labels[0]


def test_a_report_is_small_and_is_the_same_each_time(brief, html, tmp_path):
    assert len(html) < 300_000
    write_report(brief, tmp_path / "again.html")
    assert (tmp_path / "again.html").read_text() == report_html(brief)


def test_names_from_outside_are_only_names(brief):
    subject = brief
    run = replace(
        subject.runs[0],
        config={**subject.runs[0].config, "graph": HOSTILE, "scenario": HOSTILE, HOSTILE: HOSTILE},
        inputs={"graph": {"name": HOSTILE, "sha256": "00", "place": f"/somewhere/{HOSTILE}"}},
        code_version=HOSTILE,
    )
    named = replace(run, config={**run.config, "strategy": HOSTILE})
    study = {"text": HOSTILE, "digest": HOSTILE, "differences": [{"a": HOSTILE, "b": "b", "text": HOSTILE}]}
    page = self_contained(
        report_html(Subject(HOSTILE, (run, named), (*subject.series[:1], *subject.series[:1]), study))
    )
    assert page.text.count(HOSTILE) >= 8
    assert "/somewhere/" not in page.text
    assert "49.csv" not in page.text


def test_a_comparison_says_what_it_found(history, study):
    kept = subject_of_study(history, history.keep_study("comparison", study))
    alone = subject_of_comparison(study)
    for found in (kept, alone):
        page = self_contained(report_html(found))
        assert "Comparison of push, hybrid" in page.text
        for told in (
            "hybrid shows posts soonest.",
            "hybrid 4 ms more.",
            "[3, 5]",
            study["digest"],
            "hybrid against push",
        ):
            assert told in page.text
    assert "Make it again" in self_contained(report_html(kept)).text


def test_a_sweep_says_who_wins_where():
    found = {"mean": 1234.5, "low": None, "high": None}
    sweep = {
        "axes": [{"knob": "strategy.threshold"}],
        "strategies": ["push", "hybrid"],
        "wins_by": {"measure": "machine_s", "label": "machine time", "unit": "machine s"},
        "points": [
            {
                "at": {"strategy.threshold": 200},
                "strategies": [{"measures": {"machine_s": found}}, {"measures": {}}],
                "winner": {"best": ["hybrid"]},
            }
        ],
        "curves": [{"text": HOSTILE}],
    }
    page = self_contained(report_html(subject_of_comparison(sweep)))
    for told in ("Sweep of strategy.threshold: push, hybrid", HOSTILE, "push: machine time (machine s)", "1,234"):
        assert told in page.text


def test_series_as_csv_and_parquet_are_what_was_measured(recorded, subject, tmp_path):
    for name in ("series.csv", "series.parquet"):
        write_report(subject, tmp_path / name)
    with duckdb.connect() as connection:
        tables = [connection.sql(f"FROM '{tmp_path}/series.{end}'").fetchnumpy() for end in ("csv", "parquet")]
    for table in tables:
        second = table["run_id"] == 2
        for metric, heading in ((Metric.POSTS, "posts (posts/s)"), (Metric.VISIBLE_LAG, "visible_lag p99 (ms)")):
            t_s, value = series_of(recorded.results[2].world)[metric]
            np.testing.assert_array_equal(np.asarray(table["t_s"][second], float), t_s)
            stored = table[heading][second]
            np.testing.assert_allclose(np.ma.filled(stored.astype(float), np.nan), value)


def test_figures_as_tables_have_a_row_for_each_run(subject, tmp_path):
    for name in ("figures.csv", "figures.parquet"):
        write_report(subject, tmp_path / name, figures=True)
    rows = list(csv.DictReader(io.StringIO((tmp_path / "figures.csv").read_text())))
    with duckdb.connect() as connection:
        found = connection.sql(
            f"SELECT run_id, strategy, \"deliveries (copies)\" FROM '{tmp_path}/figures.parquet'"
        ).fetchall()
    expected = [(run.run_id, run.config["strategy"], run.summary["deliveries"]) for run in subject.runs]
    assert found == expected
    assert [(int(r["run_id"]), r["strategy"], float(r["deliveries (copies)"])) for r in rows] == expected


@pytest.mark.parametrize("start", ["=", "+", "-", "@"])
def test_a_name_is_no_formula_in_a_spreadsheet(subject, tmp_path, start):
    formula = f"{start}cmd|' /C calc'!A0"
    run = replace(subject.runs[0], config={"graph": formula})
    write_report(Subject("one", (run,), ()), tmp_path / "figures.csv", figures=True)
    (row,) = csv.DictReader(io.StringIO((tmp_path / "figures.csv").read_text()))
    assert row["graph"] == f"'{formula}"


def test_a_picture_for_slides(brief, tmp_path):
    write_report(replace(brief, title=HOSTILE), tmp_path / "charts.png")
    with Image.open(tmp_path / "charts.png") as picture:
        assert picture.format == "PNG"
        assert picture.width >= 1_600
        colours = picture.convert("RGB").getcolors(1 << 24)
    seen = {colour for _, colour in colours}
    assert {(0x00, 0x72, 0xB2), (0xD5, 0x5E, 0x00)} <= seen


def test_what_cannot_be_reported_is_said(history, subject, tmp_path):
    running = history.begin({"strategy": "push"}, {})
    with pytest.raises(InvalidInput, match=f"Run {running} is running and has no result"):
        subject_of_runs(history, [1, running])
    with pytest.raises(InvalidInput, match="No run is named"):
        subject_of_runs(history, [])
    with pytest.raises(InvalidInput, match=r"ends in \.html, \.csv, \.parquet, \.png"):
        write_report(subject, tmp_path / "report.pdf")
    with pytest.raises(InvalidInput, match="no series to draw"):
        write_report(replace(subject, series=()), tmp_path / "charts.png")
    with pytest.raises(HistoryError, match="cannot be written"):
        write_report(subject, tmp_path / "no" / "series.csv")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["history.duckdb"]
