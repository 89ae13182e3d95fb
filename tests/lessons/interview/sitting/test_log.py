"""Events in a file: on the disk, in order, whoever writes, whatever else lies in it."""

import json
import multiprocessing
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event, Thread

import pytest

from engine.errors import InvalidInput, NotAllowed
from lessons.interview.sitting.log import MOST_IN_EVENT, Log, SittingError


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "events.jsonl"


def log(path: Path) -> Log:
    return Log(path, lambda: 5.0, "here")


def add(path: Path, *kinds: str, **data: object) -> None:
    log(path).add(lambda _: [(kind, data) for kind in kinds])


def kinds(path: Path) -> list[str]:
    return [event.kind for event in log(path).events()]


def test_what_is_added_is_read_in_its_order(path: Path):
    add(path, "one", "two", number=1.5, words=["a"])
    add(path, "three")
    events = log(path).events()
    assert [(event.kind, event.at, event.by) for event in events] == [
        (name, 5.0, "here") for name in ("one", "two", "three")
    ]
    assert events[0].data == {"number": 1.5, "words": ["a"]}
    assert len({event.id for event in events}) == 3


def test_an_open_log_sees_what_others_add(path: Path):
    here = log(path)
    assert here.events() == ()
    add(path, "one")
    assert [event.kind for event in here.events()] == ["one"]
    add(path, "two")
    assert [event.kind for event in here.events()] == ["one", "two"]


def test_a_torn_last_line_is_passed_over_and_takes_nothing_with_it(path: Path):
    add(path, "one", "two")
    whole = path.read_bytes()
    for cut in range(0, len(whole), 7):
        path.write_bytes(whole[:cut])
        add(path, "after")
        found = kinds(path)
        assert found[-1] == "after"
        assert found[:-1] == ["one", "two"][: len(found) - 1]


@pytest.mark.parametrize(
    "line",
    ["", "null", "[]", "{}", '{"id": 1}', "\x00\xff", "[" * 100_000,
     '{"id":"a","at":"now","by":"b","kind":"k","data":{}}',
     '{"id":"a","at":-1,"by":"b","kind":"k","data":{}}', '{"id":"a","at":1e400,"by":"b","kind":"k","data":{}}',
     '{"id":"a","at":true,"by":"b","kind":"k","data":{}}', '{"id":"a","at":1,"by":"b","kind":"k","data":[]}',
     '{"id":"","at":1,"by":"b","kind":"k","data":{}}', '{"id":"a","at":1,"by":"b","kind":"k","data":{},"more":1}'],
)  # fmt: skip
def test_lines_that_are_no_event_are_passed_over(path: Path, line: str):
    add(path, "one")
    with path.open("ab") as file:
        file.write(line.encode("latin-1") + b"\n")
    add(path, "two")
    assert kinds(path) == ["one", "two"]


def test_an_event_that_stands_twice_happened_once(path: Path):
    add(path, "one")
    path.write_bytes(path.read_bytes() * 2)
    assert kinds(path) == ["one"]


def test_a_file_that_was_replaced_is_read_anew(path: Path):
    here = log(path)
    add(path, "one", "two")
    assert len(here.events()) == 2
    path.unlink()
    assert here.events() == ()
    add(path, "three")
    assert [event.kind for event in here.events()] == ["three"]


def test_what_raises_in_deciding_writes_nothing(path: Path):
    add(path, "one")
    before = path.read_bytes()

    def refuse(_: object) -> list[tuple[str, dict[str, object]]]:
        raise NotAllowed("No.")

    with pytest.raises(NotAllowed):
        log(path).add(refuse)
    for data in ({"x": float("nan")}, {"x": object()}, {"x": "a" * MOST_IN_EVENT}):
        with pytest.raises(InvalidInput):
            log(path).add(lambda _, data=data: [("two", data)])
    assert path.read_bytes() == before


def test_nobody_writes_while_somebody_decides(path: Path):
    deciding, wrote = Event(), Event()

    def slowly(events: object) -> list[tuple[str, dict[str, object]]]:
        deciding.set()
        assert not wrote.wait(0.3), "another wrote meanwhile"
        return [("one", {})]

    def another() -> None:
        deciding.wait(5)
        add(path, "two")
        wrote.set()

    other = Thread(target=another)
    other.start()
    log(path).add(slowly)
    other.join()
    assert kinds(path) == ["one", "two"]


def count_up(path: Path, times: int) -> None:
    for _ in range(times):
        log(path).add(lambda events: [("count", {"number": len(events)})])


def test_who_decides_sees_all_that_was_written_before(path: Path):
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda _: count_up(path, 5), range(4)))
    other = multiprocessing.get_context("fork").Process(target=count_up, args=(path, 10))
    other.start()
    count_up(path, 10)
    other.join()
    assert [event.data["number"] for event in log(path).events()] == list(range(40))


def test_a_file_that_cannot_be_used_is_told_in_a_sentence(tmp_path: Path):
    folder = tmp_path / "events.jsonl"
    folder.mkdir()
    with pytest.raises(SittingError, match="could not be read"):
        log(folder).events()
    with pytest.raises(SittingError, match="could not be written"):
        add(folder, "one")


def test_an_event_is_on_the_disk_when_add_returns(path: Path, monkeypatch: pytest.MonkeyPatch):
    synced = []
    monkeypatch.setattr(os, "fsync", lambda file: synced.append(os.fstat(file).st_size))
    add(path, "one")
    assert synced == [path.stat().st_size]
    assert json.loads(path.read_text())["kind"] == "one"
