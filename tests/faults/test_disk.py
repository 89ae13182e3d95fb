"""A disk that is full, a folder or a file that is read-only: refused in one sentence, with everything as it was."""

from pathlib import Path

import pytest

from tests.faults.hardships import ACTS, DISKS, untouched
from tests.faults.nursery import Nursery


def sentence(said: list[str] | None, kind: str = "JournalError") -> str:
    """What somebody was told: of this kind, in one sentence that names the file."""
    assert said is not None, "nobody was refused"
    assert said[0] == kind, said
    text = said[1]
    assert (text[-1], text.count("\n"), ".journal" in text) == (".", 0, True), text
    return text


@pytest.mark.parametrize("disk", DISKS)
def test_on_a_full_disk_acts_are_refused_and_the_world_goes_on(nursery: Nursery, tmp_path, disk):
    found = nursery.told_by("hardships.full_disk", folder=tmp_path, disk=disk)
    if "skip" in found:
        pytest.skip(found["skip"])
    says = "is full; nothing was written" if disk == "tmpfs" else "cannot be written"
    for act in (*ACTS, *(["reset"] if disk == "limit" else [])):
        assert says in sentence(found["refused"][act]), act
    assert of_people(found["full"]) == of_people(found["before"])
    assert [post["text"] for post in found["page"]][:1] == ["before"]
    assert found["ran_ns"] > 100_000_000
    assert found["errors"] == []
    assert [post[2] for post in found["after"]["posts"]] == ["before", "after"]
    assert of_people(found["again"]) == of_people(found["after"])
    assert found["again"]["now_ns"] >= found["after"]["now_ns"] - 10**9


@pytest.mark.parametrize("disk", DISKS)
def test_on_a_full_disk_no_world_is_opened_and_none_is_reopened(nursery: Nursery, tmp_path, disk):
    found = nursery.told_by("hardships.full_disk", folder=tmp_path, disk=disk)
    if "skip" in found:
        pytest.skip(found["skip"])
    for what in ("reopen", "open"):
        sentence(found["refused"][what])
    assert found["same"]
    assert {Path(name).parts[0] for name in found["left"]} <= {found["world"], "filler"}


def of_people(seen: dict) -> dict:
    """What people did, without where the world has come to."""
    return {name: value for name, value in seen.items() if name not in ("now_ns", "twice")}


@pytest.fixture
def closed(nursery: Nursery, tmp_path):
    """(folder, world) that was lived in and closed."""
    folder = tmp_path / "worlds"
    child = nursery.born("lives.acting", folder=folder, seed=3, point=None, after=0, delay_us=0, most=12)
    opened, *_ = child.tells()
    assert child.ended()[:2] == (0, 0)
    return folder, opened["opened"]


@pytest.mark.parametrize("what", ["folder", "file", "both"])
def test_what_is_read_only_is_refused_and_left_alone(nursery: Nursery, closed, what):
    folder, world = closed
    home = folder / world
    before = untouched(home)
    if what != "folder":
        (home / "a.journal").chmod(0o444)
    if what != "file":
        home.chmod(0o555)
        folder.chmod(0o555)
    found = nursery.told_by("hardships.read_only", folder=folder, world=world)
    folder.chmod(0o755)
    home.chmod(0o755)
    assert "read-only" in sentence(found["reopen"])
    if what != "file":
        assert "read-only" in sentence(found["open"])
    assert untouched(home) == before
    assert len(list(folder.iterdir())) == (1 if what != "file" else 2)
