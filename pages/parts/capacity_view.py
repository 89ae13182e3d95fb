"""The Capacity page's frame: assumptions left, the design right; below it every consequence, its cost, the claims."""

import json
from datetime import UTC, datetime

import streamlit as st

from lessons.capacity import (
    TIERS,
    TOPICS,
    Asked,
    Bill,
    Line,
    Measured,
    Sheet,
    as_json,
    as_markdown,
    bills,
    declared_lines,
    evaluate,
    figure,
    headline,
)
from pages.parts.capacity_flow import CONFIG, flow_chart, in_words
from pages.parts.capacity_form import form
from pages.parts.capacity_jobs import check_button, checking, follow, measure_button, measuring, refusal
from pages.parts.capacity_state import asked_now, change, field_key, keep_fields
from pages.parts.capacity_tables import claim_rows, consequence_rows, measured_rows, price_rows
from pages.parts.palette import colours
from pages.parts.shelf import Telling

_COMPACT = """<style>
[data-testid="stNumberInput"] label > :first-child { min-width: 0; overflow: hidden; }
[data-testid="stNumberInput"] label p { white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
.st-key-capacity_rail [data-testid="stAlertContainer"] { padding: 6px 10px; }
.st-key-capacity_rail [data-testid="stAlertContainer"] p { font-size: 14px; line-height: 1.35; }
</style>"""
"""A label of two lines would put its field out of line with its neighbour's."""
_TABS = ("Consequences", "Where the engine differs", "Cost tiers", "What five texts claim", "Take it away")


def capacity_page() -> None:
    """The whole page."""
    asked, wrong = asked_now()
    keep_fields()
    sheet = evaluate(asked.assumptions)
    st.html(_COMPACT)
    rail, stage = st.columns([5, 9], gap="medium")
    with rail, st.container(key="capacity_rail"):
        st.title("Capacity", anchor=False)
        form(asked)
    with stage:
        for sentence in wrong:
            st.warning(sentence)
        _design(asked, sheet)
    work = measuring(asked.assumptions)
    measured = work.found() if work is not None and work.over and not work.failed else None
    consequences, differs, tiers, claims, taking = st.tabs(_TABS)
    with consequences:
        _consequences(asked, sheet, work, measured)
    with differs:
        _differences(measured)
    with tiers:
        _tiers(asked)
    with claims:
        _claims()
    with taking:
        _take_away(asked, measured)


def _design(asked: Asked, sheet: Sheet) -> None:
    """The sentence, the flow, and where to go on."""
    st.markdown(f"#### {headline(sheet)}")
    st.plotly_chart(
        flow_chart(sheet, colours()), theme=None, config=CONFIG, key="capacity_flow", alt=in_words(sheet)
    )  # fmt: skip
    changed = len(asked.changed)
    same = "as in the text" if not changed else f"{changed} changed"
    st.caption(
        "All of these are modelled: computed by the formulas below, means over a day. A band is a step wider for each "
        f"factor of ten. Assumptions: {same}; the address of this page holds them."
    )


def _consequences(asked: Asked, sheet: Sheet, work: Telling[Measured] | None, measured: Measured | None) -> None:
    """Every line with its formula, and the engine's figure beside it."""
    if measured is not None:
        st.caption(
            f"Measured in: {measured.run}. Its rates are times {figure(measured.scale.factor)} here (digest "
            f"{measured.digest[:12]}). In brackets: the engine's figure over the formula's; the next tab says why they "
            "differ."
        )
    elif work is not None and not work.over:
        follow(work, "capacity_measuring")
    else:
        with st.container(horizontal=True, vertical_alignment="center"):
            measure_button(asked.assumptions, again=work is not None)
            st.markdown(
                "Runs a small world with this design's copies a post, reads a post and peak, under push and under pull."
            )
        refusal(work)
    st.table(consequence_rows(sheet, measured), border="horizontal", hide_index=True)


def _differences(measured: Measured | None) -> None:
    """All figures of the run, each with one sentence."""
    if measured is None:
        st.markdown("Nothing is measured yet: press *Measure at the same ratios* beside the consequences.")
        return
    st.caption(
        "Measured: counted in the run, waiting included. Modelled: the work is real, its time comes from a price list. "
        f"Window: the whole run. Both at this design's scale. Run: {measured.run}."
    )
    st.table(measured_rows(measured), border="horizontal", hide_index=True)


def _tiers(asked: Asked) -> None:
    """Three switches, and the bill before and after each."""
    st.caption("USD a month, modelled; each switch alone, the others as they are.")
    for column, bill in zip(st.columns(len(TIERS), gap="medium"), bills(asked.assumptions), strict=True):
        with column:
            _tier(bill)
    st.table(price_rows(asked), border="horizontal", hide_index=True)


def _tier(bill: Bill) -> None:
    switch = bill.tier.switch
    st.toggle(bill.tier.title, key=field_key(switch), on_change=change, args=(switch,))
    without, with_ = figure(bill.without_usd), figure(bill.with_usd)
    now = ("", " (now)") if bill.on else (" (now)", "")
    st.markdown(f"off{now[0]}: **{without}** → on{now[1]}: **{with_}** USD/month ({_change(bill)})")
    st.caption(bill.tier.text)


def _change(bill: Bill) -> str:
    if not bill.without_usd:
        return "free"
    share = 100 * bill.change_usd / bill.without_usd
    return "no change" if abs(share) < 0.05 else f"{'+' if share > 0 else '−'}{figure(abs(share))} %"


def _claims() -> None:
    """All thirty, under the question that they answer."""
    work = checking()
    lines = work.found() if work is not None and work.over and not work.failed else None
    if lines is None and work is not None and not work.over:
        follow(work, "capacity_checking")
    elif lines is None:
        with st.container(horizontal=True, vertical_alignment="center"):
            check_button()
            st.markdown("Thirty claims of five design texts: each computed, and measured where this engine can.")
        refusal(work)
    shown: dict[str, Line] = lines or declared_lines()
    for tab, ids in zip(st.tabs(list(TOPICS)), TOPICS.values(), strict=True):
        with tab:
            st.table(claim_rows([shown[each] for each in ids]), border="horizontal", hide_index=True)


def _take_away(asked: Asked, measured: Measured | None) -> None:
    """The same as a file, and on the command line."""
    today = datetime.now(UTC).date()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.download_button(
            "Download Markdown", lambda: as_markdown(asked, today, measured), f"capacity-{asked.preset}.md",
            "text/markdown", on_click="ignore", key="capacity_markdown",
        )  # fmt: skip
        st.download_button(
            "Download JSON", lambda: json.dumps(as_json(asked, measured)), f"capacity-{asked.preset}.json",
            "application/json", on_click="ignore", key="capacity_json",
        )  # fmt: skip
        st.markdown("The address of this page opens the same assumptions.")
    st.code(asked.command, language="bash", wrap_lines=True)
