"""A learner's file: only ever added to, safe against torn lines and several writers, exported and imported."""

import fcntl
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import InvalidInput
from lessons import progress as progress_module
from lessons.progress import Event, Progress, ProgressError

ROOT = Path(__file__).parents[2]
NOW_S = 1_700_000_000.0


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "kept" / "me.jsonl"


def opened(path: Path, now_s: float = NOW_S) -> Progress:
    return Progress.open(path, lambda: now_s)


def test_what_is_appended_is_there_for_whoever_opens_the_file(path: Path):
    event = opened(path).append("estimated", "posts.1", estimate=3.5, range=[1, 2], name="ünï ☃")
    assert opened(path).events() == (event,)
    assert event.at == NOW_S
    assert event.data == {"estimate": 3.5, "range": [1, 2], "name": "ünï ☃"}


def test_an_event_is_one_line_and_lines_are_only_added(path: Path):
    progress = opened(path)
    progress.append("ran", "push", words="two\nlines")
    before = path.read_bytes()
    progress.append("ran", "pull")
    assert path.read_bytes().startswith(before)
    assert path.read_bytes().count(b"\n") == 2


def test_events_are_found_by_kind_and_subject_and_the_last_is_the_last(path: Path):
    progress = opened(path)
    first, second, other = (progress.append(*what) for what in (("ran", "a"), ("ran", "a"), ("ran", "b")))
    drilled = progress.append("drilled", "a", right=True)
    assert progress.events("ran") == (first, second, other)
    assert progress.events(subject="a") == (first, second, drilled)
    assert progress.last("ran", "a") == second
    assert progress.last("ran", "zzz") is None


def test_a_reader_sees_what_another_one_has_written_since(path: Path):
    reader, writer = opened(path), opened(path)
    assert reader.events() == ()
    event = writer.append("ran", "a")
    assert reader.events() == (event,)
    writer.forget()
    assert reader.events() == ()


@pytest.mark.parametrize("cut", [1, 2, 30])
def test_a_torn_last_line_is_passed_over_and_does_not_take_the_next_event_along(path: Path, cut: int):
    progress = opened(path)
    kept = progress.append("ran", "a")
    progress.append("ran", "torn")
    whole = path.read_bytes()
    path.write_bytes(whole[:-cut])
    after = progress.append("ran", "b")
    there = opened(path).events()
    assert [event.subject for event in there] == (["a", "torn", "b"] if cut == 1 else ["a", "b"])
    assert (there[0], there[-1]) == (kept, after)


@pytest.mark.parametrize("junk", [b"\xff\xfe\x00", b"[1]", b"{}", b"null", b"[" * 100_000, b'{"id": 1e999}'])
def test_lines_that_are_no_event_are_passed_over(path: Path, junk: bytes):
    progress = opened(path)
    event = progress.append("ran", "a")
    path.write_bytes(junk + b"\n" + path.read_bytes() + junk)
    assert opened(path).events() == (event,)


WRITER = """
import sys
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path
from lessons.progress import Progress
progress = Progress.open(Path(sys.argv[1]), lambda: 1.0)
for number in range(int(sys.argv[3])):
    progress.append("ran", f"{sys.argv[2]}.{number}", filler="x" * (number * 37 % 5_000))
"""


def test_processes_that_write_at_once_lose_nothing(path: Path):
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(path), name, "40"], cwd=ROOT) for name in ("one", "two")
    ]
    assert [writer.wait(timeout=60) for writer in writers] == [0, 0]
    subjects = [event.subject for event in opened(path).events()]
    assert sorted(subjects) == sorted(f"{name}.{number}" for name in ("one", "two") for number in range(40))
    for name in ("one", "two"):  # each writer's own events in its own order
        assert [one for one in subjects if one.startswith(name)] == [f"{name}.{number}" for number in range(40)]


def test_a_writer_waits_for_the_one_who_has_the_file(path: Path):
    """Else one could look for a torn line while another is about to tear it, or cut off what it has just added."""
    progress = opened(path)
    progress.append("ran", "a")
    with path.open("rb") as held, ThreadPoolExecutor() as threads:
        fcntl.flock(held, fcntl.LOCK_EX)
        waiting = threads.submit(progress.append, "ran", "b")
        done, _ = wait([waiting], timeout=0.2)
        assert not done
        assert len(opened(path).events()) == 1
        fcntl.flock(held, fcntl.LOCK_UN)
        assert waiting.result(timeout=10) in opened(path).events()


def test_an_event_is_written_in_one_write_and_put_on_the_disk(path: Path, monkeypatch: pytest.MonkeyPatch):
    written: list[bytes] = []
    synced: list[int] = []
    write, fsync = os.write, os.fsync
    monkeypatch.setattr(os, "write", lambda file, content: written.append(content) or write(file, content))
    monkeypatch.setattr(os, "fsync", lambda file: synced.append(len(written)) or fsync(file))
    event = opened(path).append("ran", "a", text="x" * 15_000)
    assert written == [f"{event.line}\n".encode()]
    assert synced == [1]


def test_an_import_is_a_union_and_changes_nothing_the_second_time(tmp_path: Path):
    here, there = opened(tmp_path / "here.jsonl"), opened(tmp_path / "there.jsonl")
    both = here.append("ran", "both")
    assert there.import_text(here.export_text()) == 1
    mine, yours = here.append("ran", "mine"), there.append("ran", "yours")
    text = there.export_text()
    assert here.import_text(text) == 1
    assert here.import_text(text) == 0
    assert here.import_text(text + text) == 0
    assert [event.id for event in here.events()] == [both.id, mine.id, yours.id]


def test_an_import_may_have_windows_lines_a_byte_order_mark_and_empty_lines(path: Path, tmp_path: Path):
    source = opened(tmp_path / "source.jsonl")
    source.append("ran", "a")
    source.append("ran", "b")
    text = "\ufeff" + source.export_text().replace("\n", "\r\n\r\n")
    assert opened(path).import_text(text) == 2


GOOD = {"id": "0" * 32, "at": 1.0, "kind": "ran", "subject": "a", "data": {}}


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        ("nonsense", "not JSON"),
        ("[" * 100_000, "nested too deep"),
        ("[]", "fields"),
        (json.dumps(GOOD | {"more": 1}), "fields"),
        (json.dumps({name: GOOD[name] for name in ("id", "at", "kind", "subject")}), "fields"),
        (json.dumps(GOOD | {"id": "../../etc"}), "hex"),
        (json.dumps(GOOD | {"at": "now"}), "seconds"),
        (json.dumps(GOOD | {"at": True}), "seconds"),
        (json.dumps(GOOD | {"at": 10**400}), "seconds"),
        (json.dumps(GOOD | {"at": -1}), "seconds"),
        (json.dumps(GOOD | {"at": float("nan")}), "seconds"),
        (json.dumps(GOOD | {"kind": ""}), "kind"),
        (json.dumps(GOOD | {"subject": "x" * 201}), "subject"),
        (json.dumps(GOOD | {"data": []}), "object"),
        (json.dumps(GOOD | {"data": {"x": float("inf")}}), "JSON compliant"),
        (json.dumps(GOOD | {"data": {"x": "y" * 30_000}}), "characters"),
    ],
)
def test_an_import_with_a_bad_line_names_the_line_and_changes_nothing(path: Path, bad: str, why: str):
    progress = opened(path)
    progress.append("ran", "before")
    before = path.read_bytes()
    with pytest.raises(InvalidInput, match=f"Line 2 .*{why}"):
        progress.import_text(f"{json.dumps(GOOD)}\n{bad}\n")
    assert path.read_bytes() == before


@pytest.mark.parametrize("data", [{"x": float("nan")}, {"x": {1, 2}}, {"x": "y" * 30_000}])
def test_data_that_cannot_be_kept_is_refused_and_nothing_is_written(path: Path, data: dict[str, object]):
    with pytest.raises(InvalidInput, match="cannot be kept"):
        opened(path).append("ran", "a", **data)
    assert not path.exists()


def test_a_full_file_takes_no_more_and_keeps_what_it_has(path: Path, monkeypatch: pytest.MonkeyPatch):
    progress = opened(path)
    kept = progress.append("ran", "a")
    monkeypatch.setattr(progress_module, "MOST_BYTES", path.stat().st_size + 10)
    with pytest.raises(ProgressError, match="export it"):
        progress.append("ran", "b")
    assert opened(path).events() == (kept,)


def test_a_line_that_the_disk_does_not_take_whole_is_taken_back(path: Path, monkeypatch: pytest.MonkeyPatch):
    progress = opened(path)
    progress.append("ran", "a")
    before, write = path.read_bytes(), os.write
    monkeypatch.setattr(os, "write", lambda file, content: write(file, content[:10]))
    with pytest.raises(ProgressError, match="disk is full"):
        progress.append("ran", "b")
    assert path.read_bytes() == before


def test_a_place_that_cannot_be_written_is_said_in_a_sentence(tmp_path: Path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ProgressError, match="could not be written"):
        opened(tmp_path / "file" / "me.jsonl").append("ran", "a")


def test_what_is_forgotten_is_gone_and_the_file_goes_on(path: Path):
    progress = opened(path)
    progress.forget()
    progress.append("ran", "a")
    progress.forget()
    assert path.read_bytes() == b""
    assert progress.events() == ()
    assert progress.append("ran", "b") in progress.events()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip


@given(
    data=st.dictionaries(st.text(min_size=1, max_size=5), JSON, max_size=4),
    subject=st.text("ab☃ü\n.", min_size=1, max_size=9),
)
def test_whatever_json_has_comes_back_as_it_was(
    data: dict[str, object], subject: str, tmp_path_factory: pytest.TempPathFactory
):
    folder = tmp_path_factory.mktemp("kept")
    events: list[Event] = []
    with_reserved = {name: value for name, value in data.items() if name not in ("self", "kind", "subject")}
    events.append(opened(folder / "a.jsonl").append("ran", subject, **with_reserved))
    again = opened(folder / "b.jsonl")
    assert again.import_text(opened(folder / "a.jsonl").export_text()) == 1
    assert again.events() == tuple(events)
