"""Comparisons and sweeps in the run history: each with its runs, found again by its number or by its address."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from engine.experiments.history.file import Connection
from engine.experiments.history.rows import Json

_KEPT = "kept-"
"""How the address of a study begins that no page began."""


@dataclass(frozen=True, kw_only=True)
class KeptStudy:
    """One comparison or sweep, without what it printed: `RunHistory.study` has that.

    `kind`: comparison or sweep; `recorded_at`: UTC, without a zone; `address`: what a page finds it by, `?study=...`.
    """

    study_id: int
    kind: str
    recorded_at: datetime
    code_version: str
    digest: str | None
    title: str
    address: str
    run_ids: tuple[int, ...]

    @property
    def opens_on_its_page(self) -> bool:
        """Whether a page began it, and can show it again."""
        return not self.address.startswith(_KEPT)

    def to_json(self) -> Json:
        """JSON types."""
        return {
            **asdict(self),
            "recorded_at": self.recorded_at.isoformat(sep=" ", timespec="seconds"),
            "run_ids": list(self.run_ids),
        }


def title_of(study: Mapping[str, Any]) -> str:
    """What a comparison or a sweep is of, in a few words; from what it printed."""
    names = [str(s.get("strategy") if isinstance(s, Mapping) else s) for s in study.get("strategies", [])]
    axes = [str(axis.get("knob")) for axis in study.get("axes", [])]
    return _title(axes, names)


_LISTED = """
SELECT study_id, kind, recorded_at, code_version, digest, result->>'$.address',
    result->>'$.axes[*].knob', if(kind = 'sweep', result->>'$.strategies[*]', result->>'$.strategies[*].strategy'),
    (SELECT list(run_id ORDER BY run_id) FROM runs WHERE runs.study_id = studies.study_id)
FROM studies
"""


def listed(connection: Connection, where: str = "true", values: list[Any] | None = None) -> list[KeptStudy]:
    """The studies that fit a condition, newest first."""
    found = connection.execute(f"{_LISTED} WHERE {where} ORDER BY study_id DESC", values or [])
    return [_study(*row) for row in found.fetchall()]


def number_in(connection: Connection, address: str) -> int | None:
    """The number of the study with this address; None where there is none."""
    number = address.removeprefix(_KEPT)
    if number != address:
        found = connection.execute("SELECT study_id FROM studies WHERE study_id::VARCHAR = ?", [number])
    else:
        found = connection.execute("SELECT max(study_id) FROM studies WHERE result->>'$.address' = ?", [address])
    row = found.fetchone()
    return row[0] if row else None


def _study(
    study_id: int,
    kind: str,
    recorded_at: datetime,
    code_version: str,
    digest: str | None,
    address: str | None,
    axes: list[str] | None,
    strategies: list[str] | None,
    run_ids: list[int] | None,
) -> KeptStudy:
    return KeptStudy(
        study_id=study_id,
        kind=kind,
        recorded_at=recorded_at,
        code_version=code_version,
        digest=digest,
        title=_title(axes or [], strategies or []),
        address=address or f"{_KEPT}{study_id}",
        run_ids=tuple(run_ids or ()),
    )


def _title(axes: list[str], strategies: list[str]) -> str:
    names = ", ".join(strategies)
    return f"Sweep of {' x '.join(axes)}: {names}" if axes else f"Comparison of {names}"
