"""Where journals are: found by id, never outside the folder, and not kept for ever."""

import os

import pytest

from engine.errors import JournalError, UnknownName
from engine.live.archive import KEPT, Archive
from tests.live.helpers import small_config

IDS = ("0123456789abcdef", "00000000ffffffff")


@pytest.fixture
def archive(tmp_path):
    return Archive(tmp_path / "worlds")


def made(archive, world_id, sides=1):
    for side in range(sides):
        archive.new(world_id, side, small_config()).close()


def test_what_was_made_is_found_side_by_side(archive, tmp_path):
    made(archive, IDS[0])
    made(archive, IDS[1], sides=2)
    assert [path.name for path in archive.find(IDS[0])] == ["a.journal"]
    assert [path.name for path in archive.find(IDS[1])] == ["a.journal", "b.journal"]
    assert all(path.parent == tmp_path / "worlds" / IDS[1] for path in archive.find(IDS[1]))


def test_a_new_journal_begins_with_the_worlds_configuration(archive):
    journal = archive.new(IDS[0], 0, small_config(seed=3, **{"workers.count": 9}))
    assert (journal.origin.config["seed"], journal.origin.config["workers.count"]) == (3, 9)
    assert journal.last_seq == journal.reached_ns == 0
    journal.close()


@pytest.mark.parametrize(
    "world_id",
    [
        "../secret", "..", ".", "", "/etc", "secret", "a/b", "ABCDEF01", "0123456789abcdef\n", "\x00", "0" * 33,
        "0" * 3, "ünïcödé", "0123456789abcdeg", "*", "worlds/0123456789abcdef", "../worlds/0123456789abcdef",
    ],
)  # fmt: skip
def test_an_id_never_leaves_the_folder(archive, tmp_path, world_id):
    made(archive, IDS[0])
    outside = Archive(tmp_path)
    for name in ("secret", "..", "ABCDEF01", "0" * 33):
        (tmp_path / name).mkdir(exist_ok=True)
        (tmp_path / "worlds" / name).mkdir(exist_ok=True)
    outside.new("secret", 0, small_config()).close()
    (tmp_path / "worlds" / "secret" / "a.journal").write_bytes((tmp_path / "secret" / "a.journal").read_bytes())
    with pytest.raises(UnknownName, match=r"There is no world .* open a new one"):
        archive.find(world_id)


def test_an_id_without_journals_is_unknown(archive):
    with pytest.raises(UnknownName, match=f"There is no world '{IDS[0]}'"):
        archive.find(IDS[0])
    made(archive, IDS[0])
    with pytest.raises(UnknownName):
        archive.find(IDS[1])


def test_in_memory_nothing_is_found_again(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    archive = Archive()
    made(archive, IDS[0])
    archive.forget_old(set())
    with pytest.raises(UnknownName):
        archive.find(IDS[0])
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_named_in_a_sentence(tmp_path):
    (tmp_path / "worlds").write_text("a file, no folder")
    with pytest.raises(JournalError) as refused:
        Archive(tmp_path / "worlds").new(IDS[0], 0, small_config())
    assert str(tmp_path / "worlds") in str(refused.value)
    assert str(refused.value).endswith(".")


def test_a_second_world_of_the_same_id_does_not_take_the_first_ones_journal(archive):
    made(archive, IDS[0])
    first = archive.find(IDS[0])[0].read_bytes()
    journal = archive.new(IDS[0], 0, small_config(seed=99))
    journal.close()
    assert archive.find(IDS[0])[0].read_bytes() == first


def aged(tmp_path, archive, count):
    """So many worlds; the first was written to longest ago."""
    names = [f"{number:016x}" for number in range(count)]
    for number, name in enumerate(names):
        home = tmp_path / "worlds" / name
        home.mkdir(parents=True)
        (home / "a.journal").touch()
        os.utime(home / "a.journal", (1_000_000 + number, 1_000_000 + number))
    return names


def test_the_oldest_go_and_those_in_use_stay(archive, tmp_path):
    names = aged(tmp_path, archive, KEPT + 4)
    archive.forget_old({names[1], names[KEPT]})
    left = {home.name for home in (tmp_path / "worlds").iterdir()}
    assert left == set(names) - {names[0], names[2], names[3]}
    archive.forget_old(set())
    left = {home.name for home in (tmp_path / "worlds").iterdir()}
    assert left == set(names[4:])


def test_what_is_written_to_is_young_again(archive, tmp_path):
    names = aged(tmp_path, archive, KEPT + 1)
    os.utime(tmp_path / "worlds" / names[0] / "a.journal", (2_000_000, 2_000_000))
    archive.forget_old(set())
    assert {home.name for home in (tmp_path / "worlds").iterdir()} == set(names) - {names[1]}


def test_forgetting_where_there_is_nothing_is_no_error(archive, tmp_path):
    archive.forget_old(set())
    (tmp_path / "worlds").mkdir()
    (tmp_path / "worlds" / "0123").mkdir()
    (tmp_path / "worlds" / "a file").write_text("x")
    archive.forget_old(set())
    assert (tmp_path / "worlds" / "a file").exists()
