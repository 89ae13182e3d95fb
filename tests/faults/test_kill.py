"""A process that runs a world is killed with `kill -9`, at any instant: what it had answered is there, and only once.

What that proves: nothing that was answered waits in the memory of the process. What it cannot prove: that it is on the
disk, for what a process has written stays with the operating system when the process dies. Against a power cut stand
`synchronous=FULL` (an fsync at every commit) and the fsync of the folder of a new journal; docs/architecture.md.
"""

import copy
import signal
import time
from typing import Any, NamedTuple

import numpy as np
import pytest

from engine.people import post_key
from tests.faults import lives
from tests.faults.nursery import Child, Nursery
from tests.faults.promised import Command, Promised
from tests.faults.strikes import OPENING, POINTS, REOPENING

ANY = "at any instant"
"""Killed by the tests, some microseconds after an answer."""
COURSE = (*POINTS, OPENING, REOPENING, ANY, *2 * [OPENING], *2 * [REOPENING], *3 * [ANY])
GATE, LONG = 15, 200
"""The gate strikes at each place once."""
OLD_NS = round(lives.OLD_S * 1e9)
STRUCK_BY = {signal.SIGKILL, signal.SIGXFSZ}
"""The second ends a process within a write; nothing that Python could catch either."""
RERUNS_S = (0.5, 90.0)
"""How much of its life a reopened world runs in full: the last of it, or all."""


class Instant(NamedTuple):
    """When a world is struck, drawn from a seed."""

    seed: int
    point: str
    after: int
    """The how manieth time that the point is reached."""
    delay_us: int
    rerun_s: float


def instant(seed: int) -> Instant:
    rng = np.random.default_rng(seed)
    point = COURSE[seed % len(COURSE)]
    most = {OPENING: 16, "in a watermark": 4, "in a reset": 1, "while it closes": 1}.get(point, 25)
    return Instant(seed, point, int(rng.integers(1, most + 1)), int(rng.integers(4_000)), float(rng.choice(RERUNS_S)))


class Owed:
    """What a child had been answered when it died, and what it was at."""

    def __init__(self) -> None:
        self.world: str | None = None
        self.promised: Promised = lives.begun()
        self.faces: dict[str, Any] = {}
        self.at_ns = 0
        """No later than the last act that was answered, of those that changed something."""
        self.answered = 0
        self.trying: Command | None = None
        self._trying_ns = 0

    def hear(self, said: dict[str, Any]) -> None:
        """Take down one line."""
        assert "failed" not in said, said["failed"]
        if "opened" in said:
            self.world = said["opened"]
        elif "try" in said:
            do, told = said["try"]
            self.trying, self._trying_ns = (do, told), said["at_ns"]
        elif "did" in said:
            self._answer(**said["did"])

    def _answer(self, changed: bool | None, face: list[Any] | None) -> None:
        assert self.trying is not None
        do, _ = self.trying
        entries = self.promised.entries
        self.promised.do(self.trying)
        journalled = self.promised.entries > entries
        assert changed in (None, journalled), self.trying
        if journalled:  # what changes nothing is not written down, and holds no clock
            self.at_ns = self._trying_ns
        if do == "reset":
            self.at_ns = OLD_NS
            self.faces.clear()
        if face is not None:
            self.faces[str(face[0])] = face[1:]
        self.answered += 1
        self.trying = None

    def may_be(self) -> "list[tuple[dict[str, Any], int]]":
        """(state, the earliest instant) in which the world may come back: what was begun and not answered is there
        whole, or not."""
        states = [(self.promised.to_json(), self.at_ns)]
        if self.trying is not None:
            further = copy.deepcopy(self.promised)
            further.do(self.trying)
            states.append((further.to_json(), OLD_NS if self.trying[0] == "reset" else self.at_ns))
        return states


def struck(child: Child, at: Instant) -> Owed:
    """What a child was owed when it was killed; if it does not end itself, it is killed here."""
    owed = Owed()
    for said in child.tells():
        owed.hear(said)
        if at.point in (ANY, REOPENING) and owed.answered == at.after and owed.trying is None:
            time.sleep(at.delay_us / 1e6)
            child.kill()
    ended = child.ended()
    assert ended.signal in STRUCK_BY, f"{at} was not struck: {ended} after {owed.answered} answers"
    return owed


def check(found: dict[str, Any], owed: Owed) -> None:
    """The world has what was answered, nothing twice, and nothing by halves; of a twin each side."""
    for side, (first, second, audit) in enumerate(zip(found["first"], found["second"], found["audit"], strict=True)):
        states = owed.may_be()
        for state, _ in states if side else ():
            state["strategy"] = "pull"
        check_state(first, states)
        for post, face in owed.faces.items():
            assert post not in first["faces"] or first["faces"][post] == face
        assert found["made"] == post_key(first["entries"] + 1)
        assert second["posts"] == [*first["posts"], [found["made"], 1, "life goes on", "post", None, False]]
        rest = ("likes", "follows", "blocks", "mutes", "knobs", "strategy", "injections", "broken")
        assert [second[name] for name in rest] == [first[name] for name in rest]
        assert [audit[name] for name in ("missing", "duplicate", "foreign", "out_of_order")] == [0, 0, 0, 0]
    assert len({first["now_ns"] for first in found["first"]}) == 1


def check_state(seen: dict[str, Any], states: list[tuple[dict[str, Any], int]]) -> None:
    """The world is in one of these states, and has come as far as that one had."""
    state = {name: seen[name] for name in states[0][0]}
    earliest_ns = [at_ns for one, at_ns in states if one == state]
    assert earliest_ns, differences(state, states)
    assert seen["now_ns"] >= min(earliest_ns)
    assert seen["twice"] == 0


def differences(state: dict[str, Any], states: list[tuple[dict[str, Any], int]]) -> list[Any]:
    """Where a state is another than each of those allowed."""
    return [{name: (state[name], one[name]) for name in one if one[name] != state[name]} for one, _ in states]


SEEDS = [*range(GATE), *(pytest.param(seed, marks=pytest.mark.long) for seed in range(GATE, LONG))]


@pytest.mark.parametrize("seed", SEEDS)
def test_what_was_answered_survives_kill_9(nursery: Nursery, tmp_path, seed):
    at = instant(seed)
    point = at.point if at.point not in (ANY, REOPENING) else None
    told = {"folder": tmp_path, "after": at.after, "delay_us": at.delay_us}
    most = 40 if at.point == "while it closes" else 400
    owed = struck(nursery.born("lives.acting", seed=seed, point=point, most=most, **told), at)
    if at.point == REOPENING:
        again = nursery.born("lives.coming_back", world=owed.world, rerun_s=at.rerun_s, point=REOPENING, **told)
        assert list(again.tells()) == []
        assert again.ended().signal == signal.SIGKILL
    if owed.world is None:
        nothing_or_a_whole_world(nursery, tmp_path, at)
        return
    check(nursery.told_by("lives.looking", folder=tmp_path, world=owed.world, rerun_s=at.rerun_s), owed)


def nothing_or_a_whole_world(nursery: Nursery, folder, at: Instant) -> None:
    """The opening of a world was never answered."""
    for home in folder.iterdir():
        before = sorted(path.name for path in home.iterdir())
        if any(name.endswith(".journal") for name in before):
            check(nursery.told_by("lives.looking", folder=folder, world=home.name, rerun_s=at.rerun_s), Owed())
            continue
        refused = nursery.told_by("lives.asking", folder=folder, world=home.name)
        assert refused[0] == "UnknownName"
        assert "open a new one" in refused[1]
        assert sorted(path.name for path in home.iterdir()) == before


TWIN_COURSE = ("after the commit", "before the commit", "before the fan-out", "in a reset", ANY, "after the commit")
TWIN_GATE, TWIN_LONG = 5, 60
TWIN_SEEDS = [*range(TWIN_GATE), *(pytest.param(s, marks=pytest.mark.long) for s in range(TWIN_GATE, TWIN_LONG))]


@pytest.mark.parametrize("seed", TWIN_SEEDS)
def test_of_a_twin_both_sides_come_back_with_the_same(nursery: Nursery, tmp_path, seed):
    """An act has two journals to be in, one after the other, and the process ends between them as often as not."""
    rng = np.random.default_rng(1_000 + seed)
    point = TWIN_COURSE[seed % len(TWIN_COURSE)]
    at = Instant(seed, point, int(rng.integers(1, 3 if point == "in a reset" else 40)), int(rng.integers(4_000)), 0.5)
    told = {"folder": tmp_path, "after": at.after, "delay_us": at.delay_us, "most": 400}
    owed = struck(nursery.born("lives.acting", seed=seed, point=None if point == ANY else point, twin=True, **told), at)
    check(nursery.told_by("lives.looking", folder=tmp_path, world=owed.world, rerun_s=at.rerun_s), owed)
