"""What was promised is on disk; what does not fit is refused and left alone."""

import os
import signal
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from engine.errors import JournalError
from engine.journal.actions import Posted
from engine.journal.journal import Entry, Journal, Origin

ORIGIN = Origin(config={"seed": 7, "world": "classroom"}, generator="1")
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def path(tmp_path):
    return tmp_path / "class.journal"


def create(path, origin=ORIGIN):
    return Journal.open(path, create=True, origin=origin)


def bodies(journal, since=0):
    return [entry.body["n"] for entry in journal.entries(since)]


def fill(path, count=3):
    with create(path) as journal:
        journal.append_many([(n, "note", {"n": n}) for n in range(count)])


@pytest.fixture(params=["file", "memory"])
def journal(request, path):
    with create(path) if request.param == "file" else Journal.in_memory(ORIGIN) as opened:
        yield opened


def test_entries_come_back_in_order_with_their_numbers(journal):
    assert journal.last_seq == 0
    assert journal.append(5, "liked", {"user": 1, "post": 2}) == 1
    assert journal.append_many([(6, "a", {}), (7, "b", {"text": "größe \ud83d\0\n👩‍👩‍👧"})]) == 3
    assert journal.append_action(8, Posted(1, "hi", media=("cat.png",))) == 4
    assert journal.last_seq == 4
    entries = list(journal.entries())
    assert entries[0] == Entry(1, 5, "liked", {"user": 1, "post": 2})
    assert entries[2].body == {"text": "größe \ud83d\0\n👩‍👩‍👧"}
    assert entries[3].action() == Posted(1, "hi", media=("cat.png",))
    assert [entry.seq for entry in journal.entries(since_seq=2)] == [3, 4]


def test_many_entries_are_read_page_by_page_also_while_appending(journal):
    journal.append_many([(n, "note", {"n": n}) for n in range(2500)])
    seen = []
    for entry in journal.entries():
        if entry.seq == 1:
            journal.append(0, "note", {"n": 2500})
        seen.append(entry.body["n"])
    assert seen == list(range(2501))


def test_nothing_is_written_where_one_of_many_cannot_be(journal):
    with pytest.raises(TypeError):
        journal.append_many([(1, "note", {"n": 1}), (2, "note", {"n": object()})])
    with pytest.raises(JournalError, match="cannot hold"):
        journal.append_many([(1, "note", {"n": 1}), (2, None, {"n": 2})])
    assert journal.last_seq == 0
    assert journal.append(1, "note", {"n": 9}) == 1
    assert bodies(journal) == [9]


def test_how_far_the_world_has_come(journal):
    assert journal.reached_ns == 0
    journal.append(50, "note", {})
    assert journal.reached_ns == 50
    journal.watermark(90)
    journal.watermark(70)
    assert journal.reached_ns == 90
    assert journal._connection.execute("PRAGMA synchronous").fetchone() == (2,)  # FULL again


def test_beginning_again_is_all_or_nothing(journal):
    journal.append(50, "note", {"n": 1})
    with pytest.raises(TypeError):
        journal.begin_again(Origin({"seed": object()}, "1"), 90)
    assert (bodies(journal), journal.origin, journal.reached_ns) == ([1], ORIGIN, 50)
    assert journal.append(60, "note", {"n": 2}) == 2
    journal.begin_again(Origin({"seed": 8}, "1"), 40)
    assert (bodies(journal), journal.origin.config, journal.reached_ns) == ([], {"seed": 8}, 40)
    assert journal.append(60, "note", {"n": 3}) == 1


def test_the_file_alone_has_every_entry(path):
    with create(path) as journal:
        journal.append(5, "note", {"n": 0})
        journal.watermark(9)
        journal.append(7, "note", {"n": 1})
        alone = path.with_name("copy.journal")
        alone.write_bytes(path.read_bytes())
        with Journal.open(alone) as copy:
            assert bodies(copy) == [0, 1]


def test_who_leaves_leaves_file_and_log_as_they_were(path):
    with create(path) as journal:
        journal.append(5, "note", {"n": 0})
        journal.watermark(9)  # stays in the log
        log = path.with_name(path.name + "-wal")
        before = path.read_bytes(), log.read_bytes()
        journal.leave()
        assert (path.read_bytes(), log.read_bytes()) == before
    with Journal.open(path) as again:
        assert (bodies(again), again.reached_ns) == ([0], 9)


def test_a_closed_journal_says_so(journal):
    journal.close()
    journal.close()
    with pytest.raises(JournalError, match="closed"):
        journal.append(1, "note", {})


def test_all_of_it_is_there_after_reopening(path):
    fill(path)
    with Journal.open(path) as journal:
        assert bodies(journal) == [0, 1, 2]
        assert journal.origin == ORIGIN
        assert journal.append(9, "note", {"n": 3}) == 4
    with create(path) as journal:  # `create` is for where there is none
        assert bodies(journal) == [0, 1, 2, 3]


def test_an_entry_can_be_seen_from_elsewhere_once_append_has_returned(path):
    with create(path) as journal:
        other = sqlite3.connect(path)
        for n in range(3):
            journal.append(n, "note", {"n": n})
            assert other.execute("SELECT max(seq) FROM entries").fetchone() == (n + 1,)
        other.close()
        assert journal._connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert journal._connection.execute("PRAGMA synchronous").fetchone() == (2,)


CHILD = """
import sys, os
from engine.journal.journal import Journal, Origin
journal = Journal.open(sys.argv[1], create=True, origin=Origin({}, "1"))
for n in range(10_000):
    journal.append(n, "note", {"n": n})
    os.write(1, b"%d\\n" % n)
"""


def test_what_was_confirmed_survives_a_killed_process(path):
    with subprocess.Popen([sys.executable, "-c", CHILD, str(path)], stdout=subprocess.PIPE, cwd=ROOT) as child:
        for line in child.stdout:
            confirmed = int(line)
            if confirmed >= 20:
                os.kill(child.pid, signal.SIGKILL)
                break
        confirmed = max([confirmed, *map(int, child.stdout.read().split())])
    with Journal.open(path) as journal:
        assert bodies(journal)[: confirmed + 1] == list(range(confirmed + 1))


def test_threads_take_turns(journal):
    def write():
        for _ in range(50):
            journal.append(1, "note", {"n": 0})

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [entry.seq for entry in journal.entries()] == list(range(1, 201))


def test_a_second_writer_is_found_out(path):
    with create(path) as first, Journal.open(path) as second:
        first.append(1, "note", {"n": 1})
        with pytest.raises(JournalError, match="Another program has written"):
            second.append(1, "note", {"n": 2})
        assert first.append(1, "note", {"n": 3}) == 2
        assert bodies(first) == [1, 3]


def test_a_full_disk_loses_nothing_that_was_confirmed(path):
    with create(path) as journal:
        journal.append(1, "note", {"n": 1})
        (pages,) = journal._connection.execute("PRAGMA page_count").fetchone()
        journal._connection.execute(f"PRAGMA max_page_count={pages}")
        with pytest.raises(JournalError, match=r"disk of .* is full; nothing was written"):
            journal.append(2, "note", {"n": "x" * 100_000})
        journal._connection.execute("PRAGMA max_page_count=100000")
        assert journal.append(2, "note", {"n": 2}) == 2
        assert bodies(journal) == [1, 2]


# Refusals: one sentence, and the file as it was


def refused(path, match, **options):
    before = path.read_bytes() if path.is_file() else None
    with pytest.raises(JournalError, match=match) as refusal:
        Journal.open(path, **options)
    assert str(refusal.value).count("\n") == 0
    assert str(refusal.value).endswith(".")
    assert (path.read_bytes() if path.is_file() else None) == before


def test_absent(path):
    refused(path, "no journal")
    refused(path, "no journal", create=True)  # of what world?
    assert not path.exists()


@pytest.mark.parametrize("content", [b"", b"hello" * 100, b"SQLite format 2\0" * 20])
def test_not_a_database(path, content):
    path.write_bytes(content)
    refused(path, "not a journal", create=True, origin=ORIGIN)


def test_somebody_elses_database(path):
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE entries (recipe TEXT)")
    other.close()
    refused(path, "not a journal of Murmuration", create=True, origin=ORIGIN)


def test_another_format(path):
    fill(path)
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version=2")
    connection.close()
    refused(path, "format 2; this program reads format 1")


def test_another_generator_or_graph(path):
    fill(path)
    refused(path, "generator '1'; this program has '2'", origin=Origin({}, "2"))
    refused(path, "another graph file", origin=Origin({}, "1", graph_sha256="ab"))
    Journal.open(path, origin=Origin({"other": 1}, "1")).close()


@pytest.mark.parametrize("keep", [50, 5000, 0.5, -1])
def test_truncated(path, keep):
    fill(path, count=2000)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * keep) if keep == 0.5 else keep])
    refused(path, "truncated")


def test_damaged(path):
    fill(path, count=2000)
    whole = bytearray(path.read_bytes())
    middle = len(whole) // 2
    whole[middle : middle + 8192] = b"\xff" * 8192
    path.write_bytes(whole)
    refused(path, "damaged")


def test_entries_missing(path):
    fill(path)
    connection = sqlite3.connect(path)
    connection.execute("DELETE FROM entries WHERE seq = 2")
    connection.commit()
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    refused(path, "entries are missing")


def test_a_folder_and_folders_that_cannot_be_written(tmp_path):
    refused(tmp_path, "is a folder")
    refused(tmp_path / "no" / "such" / "place", "folder is missing or read-only", create=True, origin=ORIGIN)
    if Path("/proc/self").exists():
        refused(Path("/proc/class.journal"), "folder is missing or read-only", create=True, origin=ORIGIN)


def test_a_half_made_journal_is_made_anew(path):
    path.with_name(path.name + ".new").write_bytes(b"half")
    fill(path)
    assert sorted(file.name for file in path.parent.iterdir()) == [path.name]
