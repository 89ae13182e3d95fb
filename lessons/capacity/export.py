"""A design to take away: Markdown for people, JSON for programs."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from lessons.capacity.assumptions import ASSUMED
from lessons.capacity.consequences import DECLARED, Sheet, evaluate, shown_unit
from lessons.capacity.figures import figure, with_unit
from lessons.capacity.link import Asked, written
from lessons.capacity.measuring import Measured, Row
from lessons.capacity.prices import PRICES
from lessons.capacity.tiers import Bill, bills


def headline(sheet: Sheet) -> str:
    """The design in one sentence."""
    return (
        f"{_people(sheet)} make **{sheet.shown('posts_s')}**; push turns them into **{sheet.shown('inserts_s')}** "
        f"({figure(sheet.value('inserts_peak'))}/s at peak), and they open **{sheet.shown('reads_s')}**. "
        f"About **{figure(sheet.value('total_usd'))} USD a month**."
    )


def _people(sheet: Sheet) -> str:
    return f"{figure(sheet.assumptions.people)} people"


def as_markdown(asked: Asked, day: date, measured: Measured | None = None, address: str = "") -> str:
    """Everything: assumptions with their sources, consequences with formulas, what was measured, the bills, prices."""
    sheet = evaluate(asked.assumptions)
    parts = [
        f"# Capacity: {asked.begun.title}",
        f"{day.isoformat()}. {asked.begun.text}" + (f" Address: {address}" if address else ""),
        headline(sheet),
        "## Assumptions",
        _table(("Assumption", "Value", "Source"), _assumption_lines(asked)),
        "## Consequences",
        _table(("Consequence", "Value", "Formula", "With numbers", "Claims"), consequence_lines(sheet)),
    ]
    if measured is not None:
        parts += [
            "## The same ratios in this engine",
            f"Run: {measured.run}; rates times {figure(measured.scale.factor)}; digest {measured.digest[:12]}.",
            _table(
                ("Figure", "Formula", "Engine", "Ratio", "Kind", "Why they differ"), map(measured_line, measured.rows)
            ),
        ]
    parts += [
        "## Cost tiers",
        _table(("Switch", "Is", "Without, USD/month", "With, USD/month"), map(_bill_line, bills(asked.assumptions))),
        "## Prices",
        _table(("Price", "USD", "Per", "Source", "Date"), _price_lines()),
    ]
    return "\n\n".join(parts) + "\n"


def consequence_lines(sheet: Sheet) -> list[tuple[str, ...]]:
    """(label, value with unit, formula in words, formula with numbers, claims) of each."""
    return [
        (each.label, sheet.shown(each.name), each.words, sheet.filled(each.name), ", ".join(each.claims))
        for each in DECLARED
    ]


def measured_line(row: Row) -> tuple[str, ...]:
    """(label, formula, engine, ratio, kind, why) of one figure."""
    formula = "none" if row.formula is None else with_unit(row.formula, row.unit)
    ratio = "" if row.ratio is None else f"{figure(row.ratio)} x"
    return row.label, formula, with_unit(row.measured, row.unit), ratio, row.kind, row.why


def as_json(asked: Asked, measured: Measured | None = None) -> dict[str, Any]:
    """Everything, JSON types."""
    sheet = evaluate(asked.assumptions)
    answer: dict[str, Any] = {
        "preset": asked.preset,
        "assumptions": [
            {"name": name, "value": value, "unit": ASSUMED[name].unit, "source": source_of(asked, name)}
            for name, value in asked.assumptions.values().items()
        ],
        "consequences": [
            {
                "name": each.name, "label": each.label, "value": sheet.value(each.name),
                "unit": shown_unit(each.name), "formula": each.formula.text, "kind": "modelled",
                "claims": list(each.claims), "note": each.note,
            }
            for each in DECLARED
        ],
        "tiers": [
            {"switch": bill.tier.switch, "on": bill.on, "without_usd": bill.without_usd, "with_usd": bill.with_usd}
            for bill in bills(asked.assumptions)
        ],
        "prices": [
            {"name": price.name, "usd": price.usd, "per": price.per, "date": price.date, "source": price.source,
             "assumed": price.assumed}
            for price in PRICES.values()
        ],
    }  # fmt: skip
    if measured is not None:
        answer["measured"] = {
            "run": measured.run,
            "digest": measured.digest,
            "factor": measured.scale.factor,
            "rows": [
                {"name": row.name, "label": row.label, "unit": row.unit, "formula": row.formula,
                 "measured": row.measured, "ratio": row.ratio, "kind": row.kind, "why": row.why}
                for row in measured.rows
            ],
        }  # fmt: skip
    return answer


def source_of(asked: Asked, name: str) -> str:
    """Where a value comes from: its declaration, its preset, or whoever changed it."""
    return f"changed; was {_was(asked, name)}" if name in asked.changed else asked.begun.source(name)


def _was(asked: Asked, name: str) -> str:
    return value_of(name, asked.begun.assumptions.values()[name])


def value_of(name: str, value: float | bool) -> str:
    """An assumption's value with its unit."""
    return written(value) if ASSUMED[name].switch else with_unit(value, ASSUMED[name].unit)


def _assumption_lines(asked: Asked) -> list[tuple[str, ...]]:
    return [
        (ASSUMED[name].label, value_of(name, value), source_of(asked, name))
        for name, value in asked.assumptions.values().items()
    ]


def _bill_line(bill: Bill) -> tuple[str, ...]:
    return bill.tier.title, "on" if bill.on else "off", figure(bill.without_usd), figure(bill.with_usd)


def _price_lines() -> list[tuple[str, ...]]:
    return [(price.name, f"{price.usd:g}", price.per, price.source, price.date) for price in PRICES.values()]


def _table(head: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    rows = [head, ["---"] * len(head), *lines]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows)
