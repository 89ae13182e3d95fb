"""Transcripts: what may be missing, what is refused and how, and the schema."""

import json
import re
from contextlib import suppress
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.config import WorldConfig
from engine.errors import InvalidInput
from engine.experiments.run import RunRequest, run
from lessons.interview.figures import figure
from lessons.interview.sheet import Station
from lessons.interview.transcript import from_json, read, schema
from lessons.interview.units import IN_SUMMARY, STATIONS
from tests.lessons.interview.candidates import made, part, senior, silent


def test_everything_may_be_missing_or_null():
    nothing = silent()
    assert nothing.run.base is None
    assert nothing.steps.s3.structured.strategy is None
    assert from_json('{"run": null, "steps": {"3": {"structured": {"strategy": null}}}, "claims": null}') == nothing


def test_half_a_character_does_no_harm():
    assert from_json('{"steps": {"3": {"free_text": "a\\ud800b"}}}').steps.text(3) == "a?b"


def test_what_was_written_is_read():
    candidate = made()
    assert candidate.steps.s1.structured.assume.fanout_mean == 75
    assert candidate.run.base is not None
    assert candidate.run.base.summary.home_ms.p99 == 6
    assert list(candidate.run.scopes()) == ["base", "change_before", "change_after", "U3", "U4", "U5", "shard_down"]


def test_what_an_engine_reports_of_a_run_is_read_as_it_is():
    report = run(RunRequest(config=WorldConfig(), seconds=2)).report
    base = from_json(json.dumps({"run": {"base": report}, "config": report["config"]})).run.base
    assert figure(base, "home_ms.p99") == report["summary"]["home_ms"]["p99"]
    assert figure(base, "cost.workers_s") == report["cost"]["workers_s"]
    assert figure(base, "audit.missing") == 0
    assert {path.partition(".")[0] for path in IN_SUMMARY} <= set(report["summary"])


def test_stations_are_called_the_same_everywhere():
    assert get_args(Station) == STATIONS
    report = run(RunRequest(config=WorldConfig(), seconds=1)).report
    assert {name.removesuffix("_s") for name in report["cost"] if name.endswith("_s")} == set(STATIONS)


def test_a_newer_engine_may_measure_more():
    assert from_json(json.dumps({"run": {"base": part(summary={"something_new": 3}, weather="fine")}})).run.base


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "no JSON at line 1, column 2"),
        ("[]", "the whole is []"),
        ('{"stepz": {}}', "stepz is not a part of a transcript"),
        ('{"steps": {"3": {"structured": {"strategy": "pushy"}}}}', 'steps.3.structured.strategy is "pushy"; allowed:'),
        ('{"steps": {"3": {"structured": {"threshold": "many"}}}}', "steps.3.structured.threshold"),
        ('{"steps": {"3": {"structured": {"threshold": -1}}}}', "steps.3.structured.threshold is -1"),
        ('{"scale": NaN}', "scale is NaN"),
        ('{"scale": 0}', "scale is 0"),
        ('{"config": {"no.knob": 1}}', "config has 'no.knob'"),
        ('{"change": {"structured": {"config_diff": {"no.knob": 1}}}}', "config_diff has 'no.knob'"),
        ('{"claims": [{}]}', "claims.0.metric is missing"),
        ('{"claims": [{"metric": "luck"}]}', 'claims.0.metric is "luck"; allowed: a figure of a run, such as home_ms'),
        ('{"scale": ' + "9" * 5000 + "}", "scale is Infinity"),
        ('{"claims": [' + ", ".join(['{"metric": "home_ms.p99"}'] * 201) + "]}", "claims is [{"),
        ('{"mode": "easy"}', 'mode is "easy"'),
        ("[" * 100_000, "nested too deeply"),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence_that_names_the_place(text, said):
    with pytest.raises(InvalidInput, match=re.escape(said)) as refused:
        from_json(text, "t.json")
    assert str(refused.value).startswith("t.json: ")
    assert "\n" not in str(refused.value)


def test_bytes_that_are_no_text_and_files_that_are_not_there_are_refused(tmp_path):
    with pytest.raises(InvalidInput, match="UTF-8"):
        from_json(b"\xff\xfe{")
    with pytest.raises(InvalidInput, match=re.escape("none.json: cannot be read")):
        read(tmp_path / "none.json")


@given(st.recursive(st.none() | st.booleans() | st.floats() | st.text(max_size=5),
                    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
                        st.sampled_from(["steps", "3", "run", "base", "summary", "structured", "claims", "x"]),
                        inner, max_size=3), max_leaves=8))  # fmt: skip
def test_whatever_is_read_is_a_transcript_or_a_refusal(value):
    with suppress(InvalidInput):
        from_json(json.dumps(value))


def test_the_schema_names_all_parts_and_refuses_others():
    told = schema()
    assert set(told["properties"]) >= {"id", "steps", "probes", "hints", "change", "config", "run", "claims"}
    assert told["additionalProperties"] is False
    assert set(senior()) <= set(told["properties"])
    assert told["$defs"]["Steps"]["properties"].keys() == {"1", "2", "3", "4", "5", "6", "7"}
