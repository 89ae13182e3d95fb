"""What the candidate promised and configured, and how a run kept it."""

from lessons.interview.evidence.credit import Seen
from lessons.interview.figures import figure, told
from lessons.interview.measured import AuthorSize, Part
from lessons.interview.transcript import Transcript

_LATE = 2.0
"""Twice what was promised is in part; more is not."""
_LISTS = ("push", "hybrid", "active_only", "other")


def kept(promised: float | None, found: float | None) -> float | None:
    """1 within what was promised, 0.5 within twice of it, 0 beyond; None where either is missing."""
    if promised is None or found is None:
        return None
    return 1.0 if found <= promised else 0.5 if found <= _LATE * promised else 0.0


def lag_promised_ms(transcript: Transcript, part: Part) -> float | None:
    """The own freshness; that which the run was made with where none was entered."""
    own = transcript.steps.s1.structured.slo.fresh_s
    entry = part.slo.get("visible_lag")
    return 1000 * own if own is not None else entry.target if entry else None


def home_promised_ms(transcript: Transcript, part: Part) -> float | None:
    """The same for a home page."""
    own = transcript.steps.s1.structured.slo.home_ms
    entry = part.slo.get("home_latency")
    return own if own is not None else entry.target if entry else None


def home_path(transcript: Transcript) -> str:
    """The own percentile of home pages; 99 in 100 where none was named."""
    return f"home_ms.p{transcript.steps.s1.structured.slo.home_pct or 99}"


def promises(transcript: Transcript, part: Part | None) -> tuple[Seen, Seen]:
    """(lag, home) of one run against the own promises: 1 kept, 0 broken."""
    if part is None:
        return Seen(None, "no run"), Seen(None, "no run")
    return (
        _promise("visible_lag_ms.p99", lag_promised_ms(transcript, part), part),
        _promise(home_path(transcript), home_promised_ms(transcript, part), part),
    )


def _promise(path: str, promised: float | None, part: Part) -> Seen:
    found = figure(part, path)
    shown = f"{path} = {told(found, 'ms')} (measured), promised {told(promised, 'ms', 'nothing')}"
    if found is None or promised is None:
        return Seen(None, shown)
    return Seen(float(found <= promised), shown)


def keeps_all(transcript: Transcript, part: Part | None) -> bool:
    """Whether a run kept both own promises."""
    return all(seen.verdict == 1 for seen in promises(transcript, part))


def largest(part: Part | None) -> AuthorSize | None:
    """Posts of the largest account."""
    if part is None or not part.by_followers:
        return None
    return max(part.by_followers, key=lambda one: one.followers)


def smallest(part: Part | None) -> AuthorSize | None:
    """Posts of the smallest accounts."""
    if part is None or not part.by_followers:
        return None
    return min(part.by_followers, key=lambda one: one.followers)


def audited(part: Part) -> tuple[float | None, ...]:
    """What the audit counts: missing, duplicate, foreign, out of order."""
    return part.audit.missing, part.audit.duplicate, part.audit.foreign, part.audit.out_of_order


def wrong_entries(part: Part | None) -> float | None:
    """All that the audit found; None where nothing was audited."""
    counted = [one for one in audited(part) if one is not None] if part else []
    return sum(counted) if counted else None


def clean(part: Part | None, scope: str) -> Seen:
    """Whether the audit found nothing."""
    wrong = wrong_entries(part)
    shown = f"audit in {scope}: {told(wrong, 'wrong entries')} (measured)"
    return Seen(None if wrong is None else float(wrong == 0), shown)


def keeps_lists(transcript: Transcript) -> bool:
    """Whether the chosen strategy keeps a list for each reader."""
    return transcript.steps.s3.structured.strategy in _LISTS


def configured(transcript: Transcript) -> str | None:
    """The fan-out strategy of the world that was run."""
    given = transcript.config.get("strategy")
    return given if isinstance(given, str) else None
