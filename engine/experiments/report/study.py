"""A comparison or a sweep as a reader wants it: what it says, and its tables; from the JSON that the command prints."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.experiments.history.values import shown, unit_shown

Json = Mapping[str, Any]


@dataclass(frozen=True)
class Told:
    """`statements`: by pair, the differences that can be told; `table`: header and rows, texts all of them."""

    text: tuple[str, ...]
    digest: str | None
    method: str | None
    statements: tuple[tuple[str, tuple[str, ...]], ...]
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def told_by(study: Json) -> Told | None:
    """What a study says; None for none. Parts that it does not have are left out."""
    if not study:
        return None
    header, rows = _points(study) if "points" in study else _measures(study)
    curves = [str(curve["text"]) for curve in study.get("curves", []) if curve.get("text")]
    text = [str(study["text"])] if study.get("text") else []
    return Told(
        text=(*text, *curves),
        digest=study.get("digest"),
        method=study.get("method"),
        statements=_statements(study),
        header=header,
        rows=rows,
    )


def _statements(study: Json) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """("hybrid against push", sentences) for each pair; what lies within the noise is not among them."""
    told: dict[str, list[str]] = {}
    for found in study.get("differences", []):
        sentences = told.setdefault(f"{found.get('b')} against {found.get('a')}", [])
        if found.get("verdict") != "none" and found.get("text"):
            sentences.append(str(found["text"]))
    return tuple((pair, tuple(sentences)) for pair, sentences in told.items())


def _measures(study: Json) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """A row for each measure, a column for each strategy."""
    columns = [column for column in study.get("strategies", []) if isinstance(column, Mapping)]
    header = ("measure", "unit", *(str(column.get("strategy")) for column in columns), "kind")
    rows = tuple(
        (
            str(m.get("label", name)),
            unit_shown(str(m.get("unit", ""))),
            *(_of(column, name, str(m.get("unit", ""))) for column in columns),
            str(m.get("kind", "")),
        )
        for name, m in study.get("measures", {}).items()
    )
    return header, rows if columns else ()


def _points(study: Json) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """A row for each point of a sweep: where it is, the measure that decides under each strategy, who wins."""
    by = study.get("wins_by", {})
    name, axes = str(by.get("measure")), [str(axis.get("knob")) for axis in study.get("axes", [])]
    strategies = [str(strategy) for strategy in study.get("strategies", [])]
    unit = str(by.get("unit", ""))
    of_measure = f"{by.get('label', name)} ({', '.join(filter(None, (unit_shown(unit), by.get('kind'))))})"
    header = (*axes, *(f"{strategy}: {of_measure}" for strategy in strategies), "wins")
    rows = []
    for point in study["points"]:
        at, winner = point.get("at", {}), point.get("winner", {})
        cells = [_of(column, name, unit) for column in point.get("strategies", [])]
        wins = " or ".join(map(str, winner.get("best", []))) or "–"
        rows.append((*(shown(at.get(axis)) for axis in axes), *cells, wins))
    return header, tuple(rows)


def _of(column: Json, measure: str, unit: str) -> str:
    """A mean with its interval, as its unit is shown."""
    found = column.get("measures", {}).get(measure) or {}
    low, high = found.get("low"), found.get("high")
    interval = "" if low is None or high is None else f" [{shown(low, unit)}, {shown(high, unit)}]"
    return shown(found.get("mean"), unit) + interval
