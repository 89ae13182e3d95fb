"""Graph files: what is read, and that a line that cannot be read is named."""

import gzip
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine.errors import InvalidGraph
from engine.graph import files
from engine.graph.files import load_graph
from tests.conftest import missing

SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "data"


def load(tmp_path, content, name="graph.txt"):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return load_graph(path)


def links(loaded):
    graph, labels = loaded
    return sorted(zip(*(labels[column].tolist() for column in graph.edges()), strict=True))


GOOD = [
    "10 30\n30 20\n",
    "10,30\n30,20\n",
    "10\t30\r\n30\t20\r\n",
    "10 , 30\n 30, 20 \n\n",
    "follower followee\n10 30\n30 20\n",
    "follower,followee\n10,30\n30,20",
    '"Source","Target"\n10,30\n30,20',
    "# a comment, with 1 2 numbers\n% another\n\nfrom to\n10 30\n# inside\n30 20\n",
    "\ufeff10 30\n30 20\n",
    "0000000000000000000010 30\n30 20\n",
    "10 30\n10 30\n20 20\n30 20\n",
]


@pytest.mark.parametrize("content", GOOD)
def test_edge_lists_of_every_kind_hold_the_same_links(tmp_path, content):
    graph, labels = load(tmp_path, content)
    assert labels.tolist() == [10, 20, 30]
    assert links((graph, labels)) == [(10, 30), (30, 20)]


def test_gzip_is_known_by_its_content(tmp_path):
    assert links(load(tmp_path, gzip.compress(b"a b\n1 2\n"), "graph.csv")) == [(1, 2)]


def test_a_header_is_not_a_link_and_only_the_first_line_may_be_one(tmp_path):
    assert links(load(tmp_path, "a b\n1 2\n")) == [(1, 2)]
    with pytest.raises(InvalidGraph, match="line 2: 'c' is not a whole number"):
        load(tmp_path, "a b\nc d\n1 2\n")


BAD = [
    ("1 2\n1 x\n", "line 2: 'x' is not a whole number"),
    ("1 2\n3\n", "line 2: 1 field;"),
    ("1 2\n\n# c\n3 4 5\n", "line 4: 3 fields"),
    ("1 2 3\n4\n", "line 1: 3 fields"),
    ("a b\n1 2\n-1 2\n", "line 3: '-1' is not"),
    ("# c\n1,,2\n", "line 2: 3 fields"),
    ("1,2\n3,4,\n", "line 2: 3 fields"),
    (",1 2\n", "line 1: 3 fields"),
    ("1 2\n1.5 2\n", "line 2: '1.5' is not"),
    ("1 2\n9999999999999999999 2\n", "line 2: .* at most 18 digits"),
    ("1 x\n1 2\n", "line 1: 'x' is not"),
    (b"1 2\n\xff\xfe\x00 2\n", "line 2: .*xff"),
    ("", "no link between two users"),
    ("a b\n# nothing\n", "no link between two users"),
    ("4 4\n", "no link between two users"),
]


@pytest.mark.parametrize(("content", "message"), BAD)
def test_what_is_wrong_is_said_in_one_sentence_with_file_line_and_what_is_allowed(tmp_path, content, message):
    with pytest.raises(InvalidGraph, match=message) as refused:
        load(tmp_path, content)
    text = str(refused.value)
    assert "graph.txt" in text
    assert "allowed: two whole numbers, follower and followee" in text
    assert "\n" not in text


def test_the_bad_line_of_a_long_file_is_named(tmp_path):
    body = "1 2\n" * 20_000
    with pytest.raises(InvalidGraph, match="line 20002: 1 field"):
        load(tmp_path, f"a b\n{body}7\n{body}")


def test_files_that_cannot_be_opened_are_named(tmp_path):
    with pytest.raises(InvalidGraph, match=r"nothing\.txt: cannot be read \(No such file"):
        load_graph(tmp_path / "nothing.txt")
    with pytest.raises(InvalidGraph, match="cannot be read"):
        load_graph(tmp_path)
    with pytest.raises(InvalidGraph, match="gzip data is damaged"):
        load(tmp_path, gzip.compress(b"1 2\n" * 1_000)[:-20])


@settings(max_examples=400, deadline=None)
@example(text="1 2 3\n4\n")
@example(text="1 2,\n3 4\n")
@example(text="1\r2\n")
@given(text=st.text(alphabet="12 ,\n\r\t", max_size=24) | st.text(alphabet="1 ,\n", max_size=12))
def test_the_bulk_path_reads_what_reading_by_line_reads_or_leaves_it_alone(text):
    bulk = files._bulk(text.encode())
    if bulk is not None:
        by_line = [[int(field) for field in fields] for _, fields in files._lines(text.encode(), 1)]
        assert all(len(pair) == 2 for pair in by_line)
        assert bulk.reshape(-1, 2).tolist() == by_line


def test_plain_files_take_the_bulk_path():
    assert files._bulk(b"1 2\n\n3,4\r\n5\t6").tolist() == [1, 2, 3, 4, 5, 6]


MTX = "%%MatrixMarket matrix coordinate {}\n% made by hand\n"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (MTX.format("pattern general") + "3 3 2\n1 3\n2 1\n", [(1, 3), (2, 1)]),
        (MTX.format("pattern symmetric") + "3 3 2\n3 1\n2 1\n", [(1, 2), (1, 3), (2, 1), (3, 1)]),
        (MTX.format("real general") + "3 3 2\n1 3 0.5\n2 1 -1e3\n", [(1, 3), (2, 1)]),
        (MTX.format("integer general") + "3 3 1\n1 3 7\n", [(1, 3)]),
    ],
)
def test_matrix_market_rows_follow_columns(tmp_path, content, expected):
    assert links(load(tmp_path, content, "graph.mtx")) == expected
    assert links(load(tmp_path, content, "no-suffix")) == expected
    assert links(load(tmp_path, gzip.compress(content.encode()), "graph.mtx.gz")) == expected


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("1 2\n", "line 1: not a MatrixMarket matrix"),
        (MTX.format("pattern skew-symmetric") + "3 3 1\n1 3\n", "line 1: not a MatrixMarket"),
        ("%%MatrixMarket matrix array real general\n1 1\n1\n", "line 1: not a MatrixMarket"),
        (MTX.format("pattern general") + "3 3\n1 3\n", "line 3: 2 fields; allowed: rows, columns"),
        (MTX.format("pattern general") + "3 3 2\n1 3\n", "line 3: 2 entries announced, 1 found"),
        (MTX.format("pattern general") + "3 3 2\n1 3\n0 1\n", r"line 5: entry \(0, 1\) lies outside"),
        (MTX.format("pattern general") + "3 3 2\n1 3\n1 4\n", r"line 5: entry \(1, 4\) lies outside"),
        (MTX.format("real general") + "3 3 1\n1 3\n", "line 4: 2 fields; allowed: row .* and a value"),
    ],
)
def test_a_bad_matrix_is_named(tmp_path, content, message):
    with pytest.raises(InvalidGraph, match=message):
        load(tmp_path, content, "graph.mtx")


@pytest.mark.parametrize(
    ("name", "users", "count", "largest"),
    [
        ("twitter_follow_hershey.csv", 3_726, 23_939, 1_627),
        ("twitter_follow_bofa.csv", 13_688, 68_328, 3_469),
        ("socfb-Reed98.edges", 962, 18_812, None),
    ],
)
def test_real_graphs_have_the_published_size(name, users, count, largest):
    path = SHARED / "graphs" / name
    if not path.exists():
        missing(f"the real graphs are not at {path.parent}")
    graph, labels = load_graph(path)
    assert graph.n == len(labels) == users
    assert int(graph.follower_counts.sum()) == count
    assert largest in (None, int(np.max(graph.follower_counts)))
