"""A strategy of one's own: a template, a check against the timeline law, a measurement on the same load as everybody's.

    check(source, policy=..., limits=Limits()) -> Checked        # Verdict: one sentence; rule, post, reader, line
    measure(source, Work(...), policy=..., limits=Limits()) -> Measured     # what `python -m engine run --json` prints

Both run the code in a process of its own. What that holds, and what it does not, is said in fence.py and, of this very
machine, in `isolation`. Not stopped is code that sets out to alter what its own process answers: a verdict is for its
author, not for grading strangers.
"""

from dataclasses import dataclass
from threading import BoundedSemaphore
from typing import Any

from engine.errors import NotAllowed, OwnCodeFailed
from engine.own_strategy.law import Verdict, check_law
from engine.own_strategy.policy import Limits, OwnCodePolicy
from engine.own_strategy.sandbox import Ran, run_apart
from engine.own_strategy.template import TEMPLATE
from engine.own_strategy.work import Work
from engine.write_path.strategies import load_own
from engine.write_path.strategies.own import own_spec, read_source

_AT_ONCE = BoundedSemaphore(2)
_MOST_CHARACTERS = 100_000


@dataclass(frozen=True)
class Checked:
    """A verdict, and what came with it."""

    verdict: Verdict
    printed: str
    isolation: tuple[str, ...]


@dataclass(frozen=True)
class Measured:
    """A report as every run has it, and what came with it."""

    report: dict[str, Any]
    printed: str
    isolation: tuple[str, ...]


def check(source: str, work: Work | None = None, *, policy: OwnCodePolicy, limits: Limits | None = None) -> Checked:
    """Whether the strategy in the source keeps the law; what the code does wrong is a verdict, too.

    Raises:
        NotAllowed: not in this place, or too many are running.
        InvalidInput: the work is none.
    """
    try:
        ran = _apart("check", source, work or Work(), policy, limits or Limits())
        return Checked(_verdict(ran.answer.get("verdict")), ran.printed, ran.isolation)
    except OwnCodeFailed as error:
        return Checked(Verdict(lawful=False, line=str(error), histories=0, code_line=error.line), error.printed, ())


def require_lawful(spec: str) -> Verdict | None:
    """For the command line: a strategy named `FILE.py:Class` is checked in this very process, without any limits.

    Returns None where the specification names a strategy of ours.

    Raises:
        OwnCodeFailed: it breaks the law, and does not call itself lossy; or it fails.
    """
    own = own_spec(spec)
    if own is None:
        return None
    verdict = check_law(lambda: load_own(read_source(own.file), own.file, own.name))
    if not verdict.lawful:
        raise OwnCodeFailed(verdict.line, verdict.code_line)
    return verdict


def measure(source: str, work: Work, *, policy: OwnCodePolicy, limits: Limits | None = None) -> Measured:
    """The report of a run under the strategy in the source.

    Raises:
        NotAllowed: not in this place, or too many are running.
        OwnCodeFailed: the code failed or took too much.
        InvalidInput: the work is none.
    """
    ran = _apart("measure", source, work, policy, limits or Limits())
    report = ran.answer.get("report")
    if not isinstance(report, dict):
        raise OwnCodeFailed("The process of the code gave no report.")
    return Measured(report, ran.printed, ran.isolation)


def _apart(mode: str, source: str, work: Work, policy: OwnCodePolicy, limits: Limits) -> Ran:
    policy.require()
    if len(source) > _MOST_CHARACTERS:
        raise OwnCodeFailed(f"The code has {len(source):,} characters; allowed: up to {_MOST_CHARACTERS:,}.")
    work = work.checked()
    if not _AT_ONCE.acquire(blocking=False):
        raise NotAllowed("Two programs are running already; try again when one of them is done.")
    try:
        return run_apart(mode, source, work, limits)
    finally:
        _AT_ONCE.release()


def _verdict(told: object) -> Verdict:
    """What the process said, if it has the form of a verdict."""
    kinds = {"lawful": bool, "line": str, "histories": int, "lost": int}
    numbers = ("rule", "history", "user", "row", "code_line")
    if (
        not isinstance(told, dict)
        or set(told) != {*kinds, *numbers}
        or not all(isinstance(told[name], kind) for name, kind in kinds.items())
        or not all(told[name] is None or isinstance(told[name], int) for name in numbers)
    ):
        raise OwnCodeFailed("The process of the code gave no verdict.")
    return Verdict(**told)


__all__ = [
    "TEMPLATE",
    "Checked",
    "Limits",
    "Measured",
    "OwnCodePolicy",
    "Verdict",
    "Work",
    "check",
    "check_law",
    "measure",
    "require_lawful",
]
