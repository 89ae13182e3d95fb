"""Questions that this engine answers: the number comes from a run of the classroom, made after the estimate is kept.

Pen and paper come close, and where they do not, that is the lesson.
"""

from collections.abc import Callable, Mapping
from typing import Any

from engine import RunRequest, preset_config, run, with_strategy
from engine.errors import ExperimentFailed
from lessons.estimates.families import percent
from lessons.estimates.question import Family, Given, Run, Worked
from lessons.estimates.shown import digits, short, shown

PEOPLE, FOLLOWS, HISTORY = 2_000, 40, 6_000
"""Of the classroom, in round numbers: people, how many each of them follows, posts there are at the start."""
_ROOM = f"In the classroom {PEOPLE:,} people follow {FOLLOWS} others each. "
_POLL_MS, _COPY_MS, _BATCH = 2.0, 2.3, 64
_EVERYBODY, _BY_AUDIENCE = 0.0, 1.0


def _copies(given: Given) -> Worked:
    if given["exponent"] == _EVERYBODY:
        step = "a follow has two ends: who follows 40 others on average also has 40 followers on average"
        return Worked(FOLLOWS, (step, f"anybody may be the author, so a post has about {FOLLOWS} copies"), (800, 2_000))
    return Worked(
        1.5 * FOLLOWS,
        (
            f"the average account has {FOLLOWS} followers",
            "the average post has more: who has twice the followers writes twice as often, and counts twice: some 60",
        ),
        (10, 800, 2_000),
    )


def _queue(given: Given) -> Worked:
    followers = given["share"] * PEOPLE
    return Worked(
        8 * followers,
        (
            f"{percent(given['share'])} of {PEOPLE:,} people = {short(followers)} followers",
            f"8 posts x {short(followers)} followers = {short(8 * followers)} copies join the line within a second",
        ),
        (followers, 8 * followers / 10, 80 * followers),
    )


def _last_copy(given: Given) -> Worked:
    batch_ms = _POLL_MS + _BATCH * _COPY_MS
    rate = given["workers"] * _BATCH / batch_ms * 1e3
    joined = 8 * 0.75 * PEOPLE
    return Worked(
        joined / rate,
        (
            f"8 posts x {short(0.75 * PEOPLE)} followers = {short(joined)} copies",
            f"{short(given['workers'])} workers x {_BATCH} copies in {digits(batch_ms)} ms = {short(rate)} copies/s",
            f"{short(joined)} / {short(rate)} = {shown(joined / rate, 'seconds')}",
        ),
        (joined / rate * 10, joined / rate / 10, 1.0),
    )


def _rows(given: Given) -> Worked:
    there = HISTORY + given["rate"] * given["seconds"] / 2
    each = there / PEOPLE
    return Worked(
        FOLLOWS * each,
        (
            f"{short(HISTORY)} posts, and on average {short(there - HISTORY)} more, by {PEOPLE:,} people = "
            f"{digits(each)} posts each",
            f"{FOLLOWS} accounts x {digits(each)} posts = {short(FOLLOWS * each)} rows",
        ),
        (20, FOLLOWS * 20, FOLLOWS),
    )


def _run_copies(given: Given) -> Run:
    return Run(figure="write_amplification", knobs=(("load.author_exponent", given["exponent"]),))


def _run_queue(given: Given) -> Run:
    return Run(figure="queue_depth_peak", scenario="celebrity", seconds=40, celebrity=given["share"])


def _run_last_copy(given: Given) -> Run:
    return Run(
        figure="fanout_lag_ms.max",
        scenario="celebrity",
        seconds=40,
        knobs=(("workers.count", given["workers"]), ("fanout.lanes", False)),
        scale=1e-3,
    )


def _run_rows(given: Given) -> Run:
    return Run(
        figure="rows_per_read",
        strategy="pull",
        seconds=int(given["seconds"]),
        knobs=(("load.posts_per_s", given["rate"]),),
    )


_ALL = (
    Family(
        name="measured_copies",
        title="Copies for a post",
        level=1,
        ask=_ROOM + "{exponent}. Under push, how many list copies does a post make on average?",
        given={"exponent": (_EVERYBODY, _BY_AUDIENCE)},
        show={
            "exponent": lambda exponent: (
                "Everybody writes equally often"
                if exponent == _EVERYBODY
                else "Who has more followers writes more often, in proportion"
            )
        },
        work=_copies,
        unit="count",
        noun="copies",
        rule="Count followers for each post, not for each account: those who are followed write more.",
        link="/graph",
        run=_run_copies,
    ),
    Family(
        name="measured_queue",
        title="The line after eight posts",
        level=2,
        ask=_ROOM + "Nova has {share} of them as followers, and writes 8 posts within a second. At its worst, how many "
        "copies wait in line under push?",
        given={"share": (0.25, 0.5, 0.75)},
        show={"share": percent},
        work=_queue,
        unit="count",
        noun="copies",
        rule="A burst joins the line at once: posts x followers.",
        link="/load",
        run=_run_queue,
    ),
    Family(
        name="measured_rows",
        title="Rows for one page under pull",
        level=2,
        ask=_ROOM + f"They have written {HISTORY:,} posts so far, and write {{rate}} more each second for {{seconds}} "
        "seconds. Under pull a home page takes up to 20 posts of each followed account. How many rows does a page "
        "touch on average?",
        given={"rate": (30, 60), "seconds": (20, 40, 60)},
        work=_rows,
        unit="count",
        noun="rows",
        rule="Pull reads what there is: few rows where people have written little, and more every day.",
        link="/graph",
        run=_run_rows,
    ),
    Family(
        name="measured_last_copy",
        title="The last copy of the burst",
        level=3,
        ask="In the classroom Nova has 1,500 followers and writes 8 posts within a second. There are {workers} "
        f"workers; a worker takes {_BATCH} copies at a time, {_POLL_MS:g} ms for the taking and {_COPY_MS:g} ms for "
        "each copy. How late is the latest copy?",
        given={"workers": (4, 5, 6, 8)},
        work=_last_copy,
        unit="seconds",
        rule="How late = the line / how fast it moves. Twice the workers, half the lag.",
        link="/load",
        run=_run_last_copy,
    ),
)
MEASURED: Mapping[str, Family] = {family.name: family for family in _ALL}


def measure(asked: Run, told: Callable[[float], None] | None = None) -> float:
    """Run it, and read the answer off: half a second to two. Posts, lists and queues are real; service times modelled.

    told: how much of it is done, from 0 to 1.

    Raises:
        MurmurationError: it could not be run.
    """
    config = preset_config("classroom", **{**dict(asked.knobs), "seed": asked.seed})
    request = RunRequest(
        config=with_strategy(config, asked.strategy),
        scenario=asked.scenario,
        seconds=asked.seconds,
        celebrity_share=asked.celebrity,
    )
    done = None if told is None else lambda at_s: told(min(at_s / asked.seconds, 1.0))
    result = run(request, told=done)
    result.world.close()
    found: Any = result.report["summary"]
    for name in asked.figure.split("."):
        found = found[name]
    if not found:
        raise ExperimentFailed(f"The run has no {asked.figure}: nothing of the kind happened in it.")
    return float(found) * asked.scale
