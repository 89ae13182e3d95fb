"""Faults as people write them: what is written can be read again, and what is no fault is told in one sentence."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.clock import NS_PER_S
from engine.config import WorldConfig
from engine.errors import InvalidInput, UnknownName
from engine.experiments.run import RunRequest
from engine.faults import KINDS, Fault, parse_fault
from engine.faults.fault import check_servers, make_fault

servers = st.integers(0, 4_095)


@st.composite
def faults(draw):
    kind = KINDS[draw(st.sampled_from(sorted(KINDS)))]
    lasts_ns = draw(st.integers(1, 10**13)) if kind.lasts_s else 0
    size = 0.0
    if kind.size is not None:
        lo, hi = kind.size.lo, kind.size.hi
        size = float(draw(st.integers(int(lo), int(hi)) if kind.size.whole else st.floats(lo, hi)))
    server = draw(servers | st.none() if kind.all_servers else servers) if kind.servers else None
    return Fault(draw(st.integers(0, 10**14)), kind.name, lasts_ns, size, server)


@given(faults())
def test_what_is_written_is_read_again_to_the_nanosecond(fault):
    assert parse_fault(str(fault)) == fault


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_has_a_span_a_size_and_words_of_its_own(kind):
    about, fault = KINDS[kind], parse_fault(f" {kind}@20 ")
    assert (fault.at_ns, fault.lasts_ns) == (20 * NS_PER_S, about.lasts_s * NS_PER_S)
    assert fault.size == (about.size.default if about.size else 0)
    assert fault.until_ns == fault.at_ns + fault.lasts_ns
    assert about.text.endswith(".")
    if about.size:
        about.size.check(kind, about.size.lo)
        about.size.check(kind, about.size.hi)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("shard_slow@20+10x10#3", "shard_slow@20+10x10#3"),
        ("worker_crash@1.50", "worker_crash@1.5x1"),
        ("poison_job@0.25+2x1000000", "poison_job@0.25+2x1000000"),
        ("clock_skew@123.456789012+3x3600000", "clock_skew@123.456789012+3x3600000"),
        ("workers_gone@100+1x0.01", "workers_gone@100+1x0.01"),
        ("cache_flushed@1+0", "cache_flushed@1"),
        ("shard_down@1", "shard_down@1+10#0"),
        ("shard_slow@1", "shard_slow@1+10x10#0"),
        ("database_down@1", "database_down@1+5#0"),
        ("database_slow@1", "database_slow@1+10x10"),
    ],
)
def test_a_fault_is_written_without_exponents_and_without_loss(text, written):
    assert str(parse_fault(text)) == written


@pytest.mark.parametrize(
    ("text", "error", "words"),
    [
        ("", InvalidInput, "KIND@AT"),
        ("shard_down", InvalidInput, "KIND@AT"),
        ("shard_down@", InvalidInput, "KIND@AT"),
        ("shard_down@-1", InvalidInput, "KIND@AT"),
        ("shard_down@1e3", InvalidInput, "KIND@AT"),
        ("shard_down@nan", InvalidInput, "KIND@AT"),
        ("shard_down@٣", InvalidInput, "KIND@AT"),
        ("shard_down@1#-1", InvalidInput, "KIND@AT"),
        ("shard_down@1 +2", InvalidInput, "KIND@AT"),
        ("shard_dwn@1", UnknownName, "shard_down"),
        ("shard_down@1+0", InvalidInput, "above 0 s"),
        ("shard_down@1+0.0000000001", InvalidInput, "above 0 s"),
        ("cache_flushed@1+3", InvalidInput, "over at once"),
        ("cache_flushed@1x3", InvalidInput, "leave out x3"),
        ("cache_flushed@1#3", InvalidInput, "leave out #3"),
        ("shard_slow@1x1", InvalidInput, "2 to 1000 times"),
        ("shard_slow@1x2.5", InvalidInput, "whole number"),
        ("worker_crash@1x1.5", InvalidInput, "whole number"),
        ("workers_gone@1x1", InvalidInput, "0.01 to 0.99"),
        ("clock_skew@1x3600001", InvalidInput, "3600001"),
        ("database_down@1+99999999999", InvalidInput, "10,000,000 s"),
        ("database_down@99999999999", InvalidInput, "10,000,000 s"),
        ("shard_down@1#99999999999999999999", InvalidInput, "4,095"),
    ],
)
def test_what_is_no_fault_is_told_in_one_sentence(text, error, words):
    with pytest.raises(error) as refused:
        parse_fault(text)
    told = str(refused.value)
    assert words in told
    assert told.endswith((".", "?"))
    assert "\n" not in told


@pytest.mark.parametrize("at_s", [float("nan"), float("inf"), -1.0])
def test_instants_of_other_callers_are_looked_at_too(at_s):
    with pytest.raises(InvalidInput):
        make_fault("shard_down", at_s)
    with pytest.raises(InvalidInput):
        make_fault("shard_down", 1.0, lasts_s=at_s)


def test_without_an_instant_it_is_now_where_there_is_a_now():
    assert parse_fault("shard_down+3#2", now_ns=77) == Fault(77, "shard_down", 3 * NS_PER_S, 0.0, 2)
    with pytest.raises(InvalidInput):
        parse_fault("shard_down@5", now_ns=77)


@pytest.mark.parametrize(
    ("text", "allowed"),
    [
        ("shard_down@1#3", r"#0 to #2 \(timeline.shards is 3\)"),
        ("shard_slow@1#4095", r"#0 to #2 \(timeline.shards is 3\)"),
        ("database_down@1#1", r"allowed: #0 \(stations.primaries is 1\)"),
        ("database_slow@1#1", r"allowed: #0 \(stations.primaries is 1\)"),
    ],
)
def test_a_server_that_a_world_does_not_have_is_refused(text, allowed):
    config = WorldConfig().with_knobs({"timeline.shards": 3, "stations.primaries": 1})
    there = parse_fault(text.partition("#")[0] + "#0")
    check_servers([there, parse_fault("database_slow@1"), parse_fault("cache_flushed@1")], config)
    with pytest.raises(InvalidInput, match=allowed) as refused:
        check_servers([there, parse_fault(text)], config)
    assert "names a server that there is not" in str(refused.value)
    with pytest.raises(InvalidInput, match=allowed):
        RunRequest(config=config, faults=(parse_fault(text),))


def test_a_kind_says_in_its_text_which_server_it_is_about():
    of_servers = {name: kind for name, kind in KINDS.items() if kind.servers}
    assert {name for name, kind in of_servers.items() if kind.all_servers} == {"database_slow"}
    for name, kind in of_servers.items():
        said = "if one is named" if kind.all_servers else "the first, unless another is named"
        assert said in kind.text
        assert parse_fault(f"{name}@1").server == (None if kind.all_servers else 0)
