"""Hunts investigated once for all tests of a process, and words for what was found."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache

from engine.observe.metric import Metric
from lessons.hunts import HUNTS, Evidence, investigate


@cache
def found(name: str) -> Evidence:
    """The evidence of a hunt."""
    return investigate(HUNTS[name])


def as_if_healthy(evidence: Evidence) -> Evidence:
    """The same, had nothing been planted."""
    return replace(
        evidence,
        charts=tuple(replace(chart, here=chart.healthy) for chart in evidence.charts),
        figures=tuple(replace(line, here=line.healthy) for line in evidence.figures),
        audit={name: (healthy, healthy) for name, (_, healthy) in evidence.audit.items()},
        lists=tuple(
            replace(look, entries=tuple(replace(entry, differs=False) for entry in look.entries), whys=())
            for look in evidence.lists
        ),
        pages=(),
        traces=(),
    )


class Read:
    """Evidence, read as a learner does."""

    def __init__(self, evidence: Evidence) -> None:
        self.evidence = evidence
        self._lines = {line.name: line for line in evidence.figures}

    def here(self, name: str) -> float:
        """A figure of the run with the defect."""
        value = self._lines[name].here
        assert value is not None
        return value

    def healthy(self, name: str) -> float:
        """The same figure of the healthy run."""
        value = self._lines[name].healthy
        assert value is not None
        return value

    def wrong(self, kind: str) -> int:
        """Entries that the audit found."""
        return self.evidence.audit[kind][0]

    def peaks(self, metric: Metric) -> tuple[float, float]:
        """The highest point of a chart: (here, healthy)."""
        (chart,) = [chart for chart in self.evidence.charts if chart.metric == str(metric)]
        here, healthy = ([value for value in line if value is not None] for line in (chart.here, chart.healthy))
        return max(here, default=0.0), max(healthy, default=0.0)

    def last(self, metric: Metric) -> tuple[float, float]:
        """The mean of the last two seconds of a chart: (here, healthy)."""
        (chart,) = [chart for chart in self.evidence.charts if chart.metric == str(metric)]
        here, healthy = ([value or 0.0 for value in line[:24][-4:]] for line in (chart.here, chart.healthy))
        return sum(here) / 4, sum(healthy) / 4

    def differing(self) -> list[tuple[str, str, str, float]]:
        """Places of the first list where it is not what it should be: (stored, should be, follows, written)."""
        entries = self.evidence.lists[0].entries
        return [(each.stored, each.should_be, each.follows, each.written_s) for each in entries if each.differs]

    def kinds(self) -> set[str]:
        """Kinds of the differing entries of all lists that are shown."""
        return {each.kind for look in self.evidence.lists for each in look.entries if each.differs}


def _since(follows: str) -> float:
    return float(follows.rpartition("since ")[2].removesuffix(" s"))


def _foreign(read: Read, newer: bool | None = None) -> bool:
    """Somebody's first wrong entry is by one whom they do not follow any more, written after or before that."""
    rows = read.differing()
    if not rows or not all(should == "–" and follows.startswith("no") for _, should, follows, _ in rows):
        return False
    told = [(follows, written_s) for _, _, follows, written_s in rows if "since" in follows]
    return bool(told) and (newer is None or all((at_s > _since(follows)) == newer for follows, at_s in told))


def _lacks(read: Read) -> bool:
    rows = read.differing()
    return bool(rows) and all(stored == "–" for stored, *_ in rows)


def _pages_repeat(read: Read) -> bool:
    pages = read.evidence.pages
    return any(set(later.posts) & set(pages[0].posts) for later in pages[1:])


def _row_named_in_whys(read: Read) -> str:
    whys = read.evidence.lists[0].whys
    return whys[0].removeprefix("Post ").partition(":")[0] if whys else "none"


def _on_a_page(read: Read) -> bool:
    """The row in question was shown."""
    row = _row_named_in_whys(read)
    return any(post.startswith(f"{row} by") for page in read.evidence.pages for post in page.posts)


SHOWN: Mapping[str, Callable[[Read], bool]] = {
    "memory_bill": lambda read: (
        read.here("trims") == 0 < read.healthy("trims") and read.here("over_cap") > 1_000 and read.wrong("missing") == 0
    ),
    "too_good": lambda read: (
        read.here("lag_p99") < 1_000 < 5_000 < read.healthy("lag_p99")
        and read.peaks(Metric.QUEUE_REST)[0] > 5_000
        and read.here("queue_peak") == read.healthy("queue_peak")
    ),
    "more_than_planned": lambda read: (
        read.here("deliveries") > 1.3 * read.here("planned") and set(read.evidence.audit.values()) == {(0, 0)}
    ),
    "friends_last": lambda read: read.peaks(Metric.QUEUE_CLOSE)[0] > 20 * read.peaks(Metric.QUEUE_CLOSE)[1],
    "second_wipe": lambda read: (
        read.here("rebuilds") < 0.7 * read.healthy("rebuilds")
        and read.last(Metric.TIMELINE_HITS)[0] < 0.5 * read.last(Metric.TIMELINE_HITS)[1]
        and read.last(Metric.AUTHORS_ASKED)[0] > 2 * read.last(Metric.AUTHORS_ASKED)[1]
    ),
    "lost_hands": lambda read: read.here("queue_end") == read.wrong("missing") > 0 and _lacks(read),
    "thin_pages": lambda read: (
        read.here("posts_per_page") < read.healthy("posts_per_page") - 0.5
        and read.here("scrolled") <= 20
        and len(read.evidence.pages[0].posts) < 20
        and read.here("stored") == read.healthy("stored")
    ),
    "off_by": lambda read: (
        read.here("over_cap") > 1_000
        and read.evidence.lists[0].facts["Stored entries"] == "101"
        and read.evidence.lists[0].facts["Cap"] == "100"
    ),
    "still_there": lambda read: read.wrong("foreign") > 500 and _foreign(read, newer=False),
    "passed_on": lambda read: read.wrong("foreign") > 20 and read.kinds() == {"repost"} and _foreign(read, newer=False),
    "keeps_coming": lambda read: read.wrong("foreign") > 50 and _foreign(read, newer=True),
    "one_last": lambda read: read.wrong("foreign") > 20 and _foreign(read, newer=False),
    "empty_welcome": lambda read: (
        read.wrong("missing") > 500
        and _lacks(read)
        and all("since" in follows and at_s < _since(follows) for _, _, follows, at_s in read.differing())
    ),
    "nova_who": lambda read: (
        read.wrong("missing") > 5_000
        and _lacks(read)
        and all(should.endswith("by Nova") for _, should, *_ in read.differing())
        and read.here("lag_p99") < read.healthy("lag_p99")
    ),
    "busy_second": lambda read: read.wrong("missing") > 5_000 and _lacks(read) and _neighbours_share_a_second(read),
    "twice_told": lambda read: read.wrong("duplicate") > 1_000 and "twice" in read.evidence.lists[0].sentence,
    "yesterday_first": lambda read: (
        read.wrong("out_of_order") > 500 and "not in the right order" in read.evidence.lists[0].sentence
    ),
    "given_up": lambda read: (
        read.wrong("missing") == read.here("dead_lettered") > 50
        and "was given up" in read.evidence.lists[0].whys[0]
        and not _on_a_page(read)
    ),
    "half_a_return": lambda read: read.wrong("missing") > 1_000 and _lacks(read) and read.here("rebuilds") > 500,
    "lone_post": lambda read: (
        read.wrong("missing") > 10_000
        and read.here("hit_rate") > read.healthy("hit_rate")
        and read.here("rebuilds") < read.healthy("rebuilds")
        and int(read.evidence.lists[0].facts["Stored entries"].replace(",", "")) < 20
    ),
    "under_repair": lambda read: (
        read.wrong("missing") > 10 and _lacks(read) and all(at_s > 3 for *_, at_s in read.differing())
    ),
    "deja_vu": lambda read: read.here("again") > 30 and _pages_repeat(read) and read.wrong("duplicate") == 0,
    "where_is_it": lambda read: (
        read.here("own_missing") == 40
        and not _shown_at_once(read)
        and {trace["what"] for trace in read.evidence.traces} >= {"post", "home"}
    ),
    "zombie": lambda read: read.here("undone") > 5 and _on_a_page(read) and _undone(read) >= 2,
    "still_reads_me": lambda read: (
        read.here("seen_blocked") > 10
        and _on_a_page(read)
        and "block" in {trace["what"] for trace in read.evidence.traces}
    ),
    "fallen_star": lambda read: read.here("not_found") > 50 and len(read.evidence.pages) > 0 and not _on_a_page(read),
    "dead_end": lambda read: read.here("scrolled") < 0.8 * read.healthy("scrolled") and len(read.evidence.pages) > 1,
}
"""By hunt: what its symptom says, and the evidence that tells the defect from its decoys, are both there to be seen."""


def _neighbours_share_a_second(read: Read) -> bool:
    entries = read.evidence.lists[0].entries
    seconds = [int(each.written_s // 1) for each in entries]
    lost = [place for place, each in enumerate(entries) if each.differs]
    return all(
        any(seconds[near] == seconds[place] for near in (place - 1, place + 1) if 0 <= near < len(entries))
        for place in lost[:3]
    )


def _shown_at_once(read: Read) -> bool:
    row = _row_named_in_whys(read)
    return any(post.startswith(f"{row} by") for post in read.evidence.pages[0].posts) if read.evidence.pages else True


def _undone(read: Read) -> int:
    return sum(trace["what"] == "undo_repost" for trace in read.evidence.traces)
