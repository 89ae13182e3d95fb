"""The Capacity page's tables: plain rows for `st.table`."""

from collections.abc import Mapping, Sequence

from lessons.capacity import (
    BESIDE,
    CONSEQUENCES,
    PRICES,
    Asked,
    Line,
    Measured,
    Row,
    Sheet,
    figure,
    measured_line,
    with_unit,
)

Rows = list[dict[str, str]]
NOT_YET = "not yet"


def consequence_rows(sheet: Sheet, measured: Measured | None) -> Rows:
    """One line each; the name of its part stands at the first of them."""
    found = {row.name: row for row in measured.rows} if measured else {}
    rows: Rows = []
    part = ""
    for name, each in CONSEQUENCES.items():
        label = f"{each.label[:1].upper()}{each.label[1:]}"
        rows.append(
            {
                "Part": f"**{each.part}**" if each.part != part else "",
                "Consequence": label + (f". {each.note}" if each.note else ""),
                "Value": f"**{sheet.shown(name)}**",
                "Formula": f"{each.words}",
                "With numbers": sheet.filled(name),
                "Measured at the same ratios": _beside(name, found),
                "Claims": ", ".join(each.claims),
            }
        )
        part = each.part
    return rows


def measured_rows(measured: Measured) -> Rows:
    """Every figure of the run beside its formula."""
    head = ("Figure", "Formula", "Engine", "Engine ÷ formula", "Kind", "Why they differ")
    return [dict(zip(head, _capital(measured_line(row)), strict=True)) for row in measured.rows]


def claim_rows(lines: Sequence[Line]) -> Rows:
    """Claims of one topic."""
    return [
        {
            "Claim": f"**{line.id}** {line.says}",
            "The text says": line.text_says,
            "Formula": line.formula,
            "Measured here": line.measured,
            "Why they differ, what is missing": line.why + (f" *Run: {line.run}.*" if line.run else ""),
        }
        for line in lines
    ]


def price_rows(asked: Asked) -> Rows:
    """The price list, and what the page computes with."""
    values = asked.assumptions.values()
    return [
        {
            "Price": price.name,
            "List": with_unit(price.usd, price.per),
            "Computed with": with_unit(values[f"{name}_usd"], price.per),
            "Source": price.source,
            "Date": price.date,
        }
        for name, price in PRICES.items()
    ]


def _beside(name: str, found: Mapping[str, Row]) -> str:
    if name not in BESIDE:
        return ""
    if name not in found:
        return NOT_YET
    row = found[name]
    ratio = "" if row.ratio is None else f" ({figure(row.ratio)}\u00a0x)"
    return f"{with_unit(row.measured, row.unit)}{ratio}"


def _capital(cells: Sequence[str]) -> list[str]:
    return [f"{cells[0][:1].upper()}{cells[0][1:]}", *cells[1:]]
