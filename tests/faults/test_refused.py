"""A journal that is cut, damaged or of another format: refused in one sentence and left alone, or whole."""

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from functools import partial
from itertools import count, islice
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from tests.faults import lives
from tests.faults.hardships import untouched
from tests.faults.promised import acts
from tests.faults.test_kill import Owed, check_state
from tests.live.helpers import Wall, unthreaded

PAGE = 4096
ANSWERS = 100


class Left(NamedTuple):
    """What a world has left behind."""

    folder: Path
    world: str
    owed: Owed


def without_reset() -> int:
    """A seed whose first acts do not begin the world again: its journal grows to several pages."""
    for seed in count():
        promised = lives.begun()
        for do, told in islice(acts(promised, np.random.default_rng(seed)), ANSWERS + 20):
            if do == "reset":
                break
            promised.do((do, told))
        else:
            return seed
    raise AssertionError


@pytest.fixture(scope="module", params=["killed", "closed"])
def left(request, nursery, tmp_path_factory) -> Left:
    """The journal of a world that was killed, with a log beside it, or closed."""
    folder = tmp_path_factory.mktemp("left")
    most = ANSWERS if request.param == "closed" else 10**6
    told = {"folder": folder, "seed": without_reset(), "point": None, "after": 0, "delay_us": 0, "most": most}
    child, owed = nursery.born("lives.acting", **told), Owed()
    for said in child.tells():
        owed.hear(said)
        if owed.answered == ANSWERS and request.param == "killed":
            child.kill()
    child.ended()
    assert owed.world is not None
    assert (folder / owed.world / "a.journal-wal").exists() == (request.param == "killed")
    return Left(folder, owed.world, owed)


def reopened(left: Left, tmp_path: Path, spoil: Callable[[Path], None]) -> str | None:
    """The refusal of a copy that was spoiled, which is then as it was; None if the world is there, whole."""
    folder = tmp_path / "worlds"
    shutil.copytree(left.folder, folder)
    home = folder / left.world
    spoil(home / "a.journal")
    before = untouched(home)
    worlds = unthreaded(Wall(), folder=folder)
    refused = lives.refusal(partial(worlds.reopen, left.world))
    if refused is not None:
        kind, text = refused
        assert untouched(home) == before
        assert kind == "JournalError"
        assert (text[-1], text.count("\n"), str(home) in text) == (".", 0, True), text
        assert len(worlds) == 0
        return text
    seen = lives.seen(worlds.get(left.world)._stage.run)
    worlds.stop()
    check_state(seen, left.owed.may_be())
    return None


def whole(left: Left) -> bool:
    """Whether the file alone has everything: there is no log that could help."""
    return not (left.folder / left.world / "a.journal-wal").exists()


def pages(left: Left) -> int:
    return (left.folder / left.world / "a.journal").stat().st_size // PAGE


def test_unspoiled_it_is_whole(left, tmp_path):
    assert pages(left) >= 6
    assert reopened(left, tmp_path, lambda path: None) is None


LENGTHS = (0, 1, 15, 16, 99, 100, PAGE - 1, PAGE, 2 * PAGE, 3 * PAGE + 7, -PAGE, -1)


@pytest.mark.parametrize("length", LENGTHS)
def test_a_cut_journal_is_refused(left, tmp_path, length):
    def cut(path: Path) -> None:
        raw = path.read_bytes()
        path.write_bytes(raw[:length])

    said = reopened(left, tmp_path, cut)
    if whole(left) or (abs(length) < 100 and length >= 0):
        assert said is not None
        assert "truncated" in said or "not a journal" in said


@pytest.mark.parametrize("filler", [b"\xff", b"\0"])
@pytest.mark.parametrize("page", range(6))
def test_a_damaged_page_is_refused(left, tmp_path, page, filler):
    def damage(path: Path) -> None:
        raw = bytearray(path.read_bytes())
        raw[page * PAGE : (page + 1) * PAGE] = filler * PAGE
        path.write_bytes(raw)

    said = reopened(left, tmp_path, damage)
    if whole(left) or page == 0:
        assert said is not None
        assert "damaged" in said or "not a journal" in said


@pytest.mark.parametrize("length", [None, 0, 10, 32, 3000, -1, -PAGE])
def test_what_was_answered_is_in_the_file_alone(left, tmp_path, length):
    """The log beside it may be cut, or forgotten by whoever copied the file: it has nothing that was answered."""

    def cut(path: Path) -> None:
        log = path.with_name("a.journal-wal")
        if length is None:
            log.unlink(missing_ok=True)
        elif log.exists():
            log.write_bytes(log.read_bytes()[:length])

    assert reopened(left, tmp_path, cut) is None


@pytest.mark.parametrize(
    ("sql", "says"),
    [
        ("PRAGMA user_version=2", "format 2; this program reads format 1"),
        ("INSERT INTO entries VALUES (1000, 0, 'liked', '{}')", "entries are missing"),
        ("UPDATE entries SET kind='sung' WHERE seq=3", "'sung'"),
        (
            """UPDATE entries SET kind='followed', body='{"user":1,"other":5000}' WHERE seq=9""",
            "does not fit its world",
        ),
        ("UPDATE meta SET value='2' WHERE name='generator'", "another world"),
    ],
)
def test_what_only_the_log_tells_is_refused_too(left, tmp_path, sql, says):
    """Whatever is found wrong, and however late, neither the file nor the log is written."""

    def change(path: Path) -> None:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as reader:
            reader.execute("SELECT * FROM meta").fetchall()  # as long as it reads, the log stays
            with closing(sqlite3.connect(path, isolation_level=None)) as writer:
                writer.execute(sql)
        assert path.with_name("a.journal-wal").stat().st_size

    said = reopened(left, tmp_path, change)
    assert said is not None
    assert says in said
