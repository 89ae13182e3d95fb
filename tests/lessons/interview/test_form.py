"""One field of a sheet changed, and the forms that show them all."""

from typing import Any

import pytest
from pydantic import ValidationError

from lessons.interview.base import Model
from lessons.interview.form import FORMS, ROWS, kind_of, put, sheet_of, value_at, wants
from lessons.interview.sheet import Sheet1, Sheet2, Sheet3, Sheet6, Sheet7, Steps
from tests.lessons.interview.test_labels import names
from tests.lessons.interview.whole import whole


@pytest.mark.parametrize("step", range(1, 8))
def test_every_field_of_a_sheet_stands_in_its_form_once(step: int) -> None:
    shown = [path for group in FORMS[step].groups for path in group.fields]
    assert len(set(shown)) == len(shown)
    covered = {"who_pays", "access", *ROWS}
    for path in names(type(sheet_of(Steps(), step))):
        assert path in shown or path.partition(".")[0] in covered & set(shown), path
    assert {path.partition(".")[0] for path in shown} == set(type(sheet_of(Steps(), step)).model_fields)


@pytest.mark.parametrize("step", range(1, 8))
def test_a_sheet_that_is_filled_field_by_field_is_the_sheet_and_emptied_it_is_a_new_one(step: int) -> None:
    target = sheet_of(whole(), step)
    sheet = sheet_of(Steps(), step)
    paths = [path for group in FORMS[step].groups for path in group.fields]
    for path in paths:
        for inner, value in parts(target, path):
            sheet = put(sheet, inner, value)
    assert sheet == target
    assert {path: value_at(sheet, path) for path in paths} == {path: value_at(target, path) for path in paths}
    for path in reversed(paths):
        sheet = put(sheet, path, None)
    assert sheet == sheet_of(Steps(), step)
    assert not sheet.model_fields_set


def parts(sheet: Model, path: str) -> list[tuple[str, Any]]:
    """The field itself, or the cells of its rows."""
    value = value_at(sheet, path)
    if path in ROWS:
        return [(f"{path}.{row}.{name}", each[name]) for row, each in enumerate(value) for name in ROWS[path]]
    return [(path, value)]


def test_a_row_of_which_nothing_is_left_is_gone() -> None:
    sheet = put(put(Sheet3(), "rejected.0.option", "pull"), "rejected.1.reason", "staleness")
    sheet = put(sheet, "rejected.0.option", None)
    assert value_at(sheet, "rejected") == ({"option": None, "reason": "staleness"},)
    assert not put(sheet, "rejected.0.reason", None).model_fields_set


def test_a_limit_goes_with_a_metric_of_another_unit_and_stays_with_one_of_the_same() -> None:
    sheet = put(put(Sheet6(), "alarms.0.metric", "home_latency"), "alarms.0.above", 250.0)
    assert value_at(put(sheet, "alarms.0.metric", "visible_lag_p99"), "alarms.0.above") == 250.0
    assert value_at(put(sheet, "alarms.0.metric", "hit_rate"), "alarms.0.above") is None
    assert put(sheet, "alarms.0.metric", None) == Sheet6()
    moved = put(put(Sheet7(), "next.metric", "home_ms.p99"), "next.from", 5.0)
    assert value_at(put(moved, "next.metric", "rows_per_read"), "next.from") is None


def test_what_a_sheet_cannot_have_is_refused() -> None:
    for path, value in (("slo.availability", 1.5), ("must", ("nothing",)), ("assume.dau", -1.0), ("driver.number", 3)):
        with pytest.raises(ValidationError):
            put(Sheet1(), path, value)


@pytest.mark.parametrize(
    ("sheet", "path", "kind"),
    [
        (Sheet1, "must", "many"), (Sheet1, "slo.home_pct", "one"), (Sheet1, "slo.fresh_s", "number"),
        (Sheet2, "read_your_writes", "yes_no"), (Sheet2, "entities", "entities"), (Sheet3, "rejected.2.option", "one"),
        (Sheet6, "alarms.0.above", "number"), (Sheet6, "alarms", "rows"), (Sheet7, "next.metric", "figure"),
        (Sheet7, "next.from", "number"), (Sheet7, "not_modelled", "many"),
    ],
)  # fmt: skip
def test_a_field_is_filled_in_as_its_type_wants(sheet: type[Model], path: str, kind: str) -> None:
    assert kind_of(sheet, path) == kind


@pytest.mark.parametrize(
    ("metric", "wanted"),
    [
        ("home_latency", ("ms", "")), ("hit_rate", ("share", "")), ("queue_depth", ("count", "copies")),
        ("errors", ("per_s", "reads")), ("stations.workers.util", ("load", "")), ("home_ms.p99", ("ms", "")),
    ],
)  # fmt: skip
def test_a_limit_is_in_the_unit_of_its_metric(metric: str, wanted: tuple[str, str]) -> None:
    if "." in metric:
        assert wants("next.to", put(Sheet7(), "next.metric", metric)) == wanted
    else:
        assert wants("abort.above", put(Sheet6(), "abort.metric", metric)) == wanted
        assert wants("alarms.0.above", put(Sheet6(), "alarms.0.metric", metric)) == wanted
