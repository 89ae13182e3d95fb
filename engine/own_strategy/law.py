"""Is the timeline law kept? Random histories, played with the strategy and with plain pull; everybody's pages compared.

Pull looks everything up when a page is read, so it cannot lose a post; that its pages are those of the definition is
what tests/law proves. Each history is played twice: the same questions must get the same answers.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from engine.config import WorldConfig
from engine.domain import NO_LIST
from engine.errors import OwnCodeFailed
from engine.own_strategy.histories import USERS, History, Played, history
from engine.write_path.strategies import with_strategy
from engine.write_path.strategies.own import OwnClass, OwnStrategy

HISTORIES = 10
_LIMITS = (3, 20)


@dataclass(frozen=True)
class Verdict:
    """What the check found, in one sentence and in numbers."""

    lawful: bool
    line: str
    histories: int
    """So many were played."""
    rule: int | None = None
    """Of docs/timeline-law.md, where one was broken."""
    history: int | None = None
    user: int | None = None
    """Whose page was wrong."""
    row: int | None = None
    """The post that they lacked, or had too much."""
    code_line: int | None = None
    """Of the code, where it failed or answered wrongly."""
    lost: int = 0
    """Entries that a strategy that calls itself lossy did not deliver, over all histories."""

    def to_json(self) -> dict[str, Any]:
        """All fields."""
        return asdict(self)


def check_law(load: Callable[[], OwnClass], seed: int = 1, histories: int = HISTORIES) -> Verdict:
    """Play histories until one breaks the law, or all have kept it. `load` makes the class anew for each.

    What the code does wrong by itself is a verdict, too.
    """
    lost = 0
    for number in range(histories):
        told = history(seed, number)
        try:
            found, dropped = _judge(load, told)
        except OwnCodeFailed as error:
            return Verdict(lawful=False, line=str(error), histories=number, history=number, code_line=error.line)
        if found is not None:
            return found
        lost += dropped
    line = f"The law holds in {histories} random histories of {USERS} people."
    if lost:
        line = f"It loses posts, as it says: {lost:,} entries in {histories} random histories; nothing else is wrong."
    return Verdict(lawful=True, line=line, histories=histories, lost=lost)


def _judge(load: Callable[[], OwnClass], told: History) -> tuple[Verdict | None, int]:
    """What is wrong in one history, if anything; and how many entries were lost on purpose."""
    played, again = _played(load(), told), _played(load(), told)
    changed = _first_difference(_answers(played), _answers(again))
    if changed is not None:
        return _broken(
            told, None, None, None,
            f"The same history played twice got different answers: {changed} must depend only on what it is asked.",
        ), 0  # fmt: skip
    strategy = played.world.strategy
    if strategy.lossy:
        return None, len(played.world.tables.dropped.pairs())
    reference = Played(with_strategy(WorldConfig(), "pull"), told)
    for user in range(USERS):
        for limit in _LIMITS:
            shown, expected = played.pages(user, limit), reference.pages(user, limit)
            if shown != expected:
                return _explained(played, told, user, shown, expected), 0
    return None, 0


def _played(own: OwnClass, told: History) -> Played:
    name = f"{own.file}:{own.type.__name__}"
    return Played(_named(WorldConfig(), name), told)


def _named(config: WorldConfig, name: str) -> WorldConfig:
    return replace(config, strategy=replace(config.strategy, name=name))


def _answers(played: Played) -> list[tuple[str, int]]:
    strategy = played.world.strategy
    return strategy.answers if isinstance(strategy, OwnStrategy) else []


def _first_difference(answers: list[tuple[str, int]], others: list[tuple[str, int]]) -> str | None:
    for one, other in zip(answers, others, strict=False):
        if one != other:
            return one[0]
    return None if len(answers) == len(others) else "how often it is asked"


def _explained(played: Played, told: History, user: int, shown: list[int], expected: list[int]) -> Verdict:
    """Which rule was broken, by which post and reader."""
    lacking, extra = sorted(set(expected) - set(shown)), sorted(set(shown) - set(expected))
    tables = played.world.tables
    if not lacking and not extra:
        return _broken(told, 10, user, None, f"Rule 10: person {user} sees posts twice, or not newest first.")
    row = (lacking or extra)[-1]
    author = int(tables.posts.author[row])
    if not lacking:
        return _broken(told, 5, user, row, f"Rule 5: person {user} sees post {row} by {author}, and should not.")
    one = np.array([user], np.int32)
    if tables.lists.horizons(one)[0] != NO_LIST and row not in tables.lists.entries(one).values:
        why = "was not pushed to them" if not tables.posts.pushed[row] else "was given up on its way to them"
        line = f"Rule 4: person {user} is not shown post {row} by {author}: it {why}, and `pulls` did not ask for it."
        return _broken(told, 4, user, row, line)
    line = f"Rule 11: person {user} is not shown post {row} by {author}, although it can be found for them."
    return _broken(told, 11, user, row, line)


def _broken(told: History, rule: int | None, user: int | None, row: int | None, line: str) -> Verdict:
    return Verdict(
        lawful=False, line=line, histories=told.number + 1, rule=rule, history=told.number, user=user, row=row
    )
