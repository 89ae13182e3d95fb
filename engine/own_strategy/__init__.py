"""A strategy of one's own: a template, a check against the timeline law, a measurement on the same load as everybody's.

    check(source, policy=..., limits=Limits()) -> Checked        # Verdict: one sentence; rule, post, reader, line
    measure(source, Work(...), policy=..., limits=Limits()) -> Measured     # what `python -m engine run --json` prints

Both run the code in a process of its own. What that holds, and what it does not, is said in fence.py and, of this very
machine, in `isolation`. Not stopped is code that sets out to alter what its own process answers: a verdict is for its
author, not for grading strangers.
"""

from collections.abc import Callable
from dataclasses import dataclass
from threading import BoundedSemaphore
from typing import Any

from engine.clock import SystemWallClock
from engine.errors import NotAllowed, OwnCodeFailed
from engine.experiments.measures import Figures
from engine.experiments.run import RunRequest, config_of
from engine.own_strategy.believed import figures_in, name_in, report_in, verdict_in
from engine.own_strategy.law import Verdict, check_law
from engine.own_strategy.policy import SWITCH, Limits, OwnCodePolicy
from engine.own_strategy.sandbox import Ran, play_apart
from engine.own_strategy.template import TEMPLATE
from engine.own_strategy.told import history_in_words
from engine.own_strategy.work import FILE, Work, config_named
from engine.write_path.strategies import load_own
from engine.write_path.strategies.own import own_spec, read_source

_AT_ONCE = BoundedSemaphore(2)
_MOST_CHARACTERS = 100_000
_POLL_S = 0.2


@dataclass(frozen=True)
class Checked:
    """A verdict, and what came with it. `name`: of the class, if it keeps the law."""

    verdict: Verdict
    printed: str
    isolation: tuple[str, ...]
    name: str | None = None


@dataclass(frozen=True)
class Measured:
    """A report as every run has it, every measure but money, and what came with them."""

    report: dict[str, Any]
    figures: Figures
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
        verdict = verdict_in(ran.answer.get("verdict"))
        return Checked(verdict, ran.printed, ran.isolation, name_in(ran.answer.get("name")))
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


def measure(
    source: str,
    work: Work,
    *,
    policy: OwnCodePolicy,
    limits: Limits | None = None,
    wait_s: float = 0.0,
    stopped: Callable[[], bool] | None = None,
) -> Measured:
    """The report of a run under the strategy in the source.

    `wait_s`: for its turn, if others run; `stopped`: asked now and then whether somebody still waits for it.

    Raises:
        NotAllowed: not in this place, or too many are running.
        OwnCodeFailed: the code failed or took too much.
        InvalidInput: the work is none.
    """
    ran = _apart("measure", source, work, policy, limits or Limits(), wait_s, stopped)
    report, figures = report_in(ran.answer.get("report")), figures_in(ran.answer.get("figures"))
    config = config_named(work, work.name or name_in(ran.answer.get("name")) or "Own")
    asked = RunRequest(config=config, scenario=work.scenario, seconds=work.seconds)
    return Measured({"config": config_of(asked), **report}, figures, ran.printed, ran.isolation)


def _apart(
    mode: str,
    source: str,
    work: Work,
    policy: OwnCodePolicy,
    limits: Limits,
    wait_s: float = 0.0,
    stopped: Callable[[], bool] | None = None,
) -> Ran:
    policy.require()
    if len(source) > _MOST_CHARACTERS:
        raise OwnCodeFailed(f"The code has {len(source):,} characters; allowed: up to {_MOST_CHARACTERS:,}.")
    work = work.checked()
    if not _turn(wait_s, stopped):
        raise NotAllowed("Two programs are running already; try again when one of them is done.")
    try:
        return play_apart(mode, source, work, limits, stopped)
    finally:
        _AT_ONCE.release()


def _turn(wait_s: float, stopped: Callable[[], bool] | None) -> bool:
    """Whether there was a place in time."""
    wall = SystemWallClock()
    until_s = wall.now_s() + wait_s
    while not _AT_ONCE.acquire(timeout=min(_POLL_S, wait_s)):
        if wall.now_s() >= until_s or (stopped and stopped()):
            return False
    return True


__all__ = [
    "FILE",
    "SWITCH",
    "TEMPLATE",
    "Checked",
    "Limits",
    "Measured",
    "OwnCodePolicy",
    "Verdict",
    "Work",
    "check",
    "check_law",
    "history_in_words",
    "measure",
    "require_lawful",
]
