"""The page Compare: a form on the left; what came out, or what will, on the right."""

import streamlit as st

from engine.experiments.studies import (
    CompareRequest,
    Comparison,
    OwnComparison,
    Setting,
    Study,
    comparison_asked,
    difference_rows,
    measure_rows,
    pairs_of,
    promise_rows,
)
from pages.parts import compare_charts as charts
from pages.parts.own_strategy import begin_own, code_asked, fold, own_strategy
from pages.parts.palette import colours
from pages.parts.study_form import fill_in, filled_in, setting_of, strategies_field
from pages.parts.study_view import StudyPage, show

PAGE = "compare"
FIRST = ["pull", "push", "hybrid"]
PAIR = "compare_pair"
LAG = (("p50", "visible_lag_p50_ms"), ("p99", "visible_lag_p99_ms"))
HOME = (("p50", "home_p50_ms"), ("p99", "home_p99_ms"))
KINDS = (
    "Real: counted on real lists and caches. Measured: waiting that came out of queues, over modelled service times. "
    "Modelled: machine time and money, from a price list."
)


def comparing() -> None:
    """The whole page."""
    show(
        StudyPage(
            name=PAGE, title="Compare", kind=CompareRequest, other="Sweep", begin=_begin, fields=_fields, ask=_asked,
            teach=_nothing_yet, draw=_found, above=lambda: own_strategy(PAGE),
        )
    )  # fmt: skip


def _begin(request: CompareRequest | None) -> None:
    begin_own(PAGE, request.code if isinstance(request, OwnComparison) else None)
    if request is None:
        fill_in(PAGE, Setting(), strategies=FIRST)
    else:
        fill_in(PAGE, setting_of(request), strategies=list(request.strategies))


def _fields() -> None:
    strategies_field(PAGE)


def _asked() -> CompareRequest:
    strategies = st.session_state[f"{PAGE}_strategies"]
    request = comparison_asked(filled_in(PAGE), strategies, code_asked(PAGE, strategies))
    fold()
    return request


def _nothing_yet() -> None:
    st.markdown("#### Which fan-out, for this load, and how sure are we?")
    st.markdown(
        "No comparison yet. Press *Run*: every strategy on the left meets **the same recorded load**, post for post "
        "and read for read, and then again with other seeds.\n\n"
        "- First you get one sentence: who wins on what, and what that costs.\n"
        "- Then a chart of the trade: **what writing costs** against **how long readers wait**.\n"
        "- Then every measure with its 95 % interval. A difference within the noise counts as none.\n\n"
        "Bet before you press it: when a celebrity posts, which of push, pull and hybrid needs the cheapest machines, "
        "and which has the fastest home page?"
    )


def _found(study: Study, found: Comparison) -> None:
    st.markdown(f"#### {found.text}")
    st.caption(_recordings(found))
    trade, waits = st.columns(2, gap="medium")
    with trade:
        st.header("What writing costs, what readers wait", anchor=False)
        st.plotly_chart(
            charts.pareto_chart(found, colours()), theme=None, config=charts.CONFIG, key="compare_pareto",
            alt=_front_line(found),
        )  # fmt: skip
        st.caption(_front_line(found))
    with waits:
        st.header("How long posts and pages take", anchor=False)
        for name, names in (("lag", LAG), ("home", HOME)):
            st.plotly_chart(
                charts.latency_chart(found, names, colours()), theme=None, config=charts.CONFIG, key=f"compare_{name}",
                alt="The same figures stand in the table of measures.",
            )  # fmt: skip
        st.caption("Hollow: p50. Filled: p99. Lines: 95 % intervals. Visible lag counts every (post, follower) pair.")
    if study.over:
        _tables(found)


def _tables(found: Comparison) -> None:
    st.header("Measures", anchor=False, help=KINDS)
    st.table(measure_rows(found), border="horizontal", hide_index=True)
    promises = promise_rows(found)
    if promises:
        st.header("Promises kept", anchor=False, help="In how many of the replications in which it could be judged.")
        st.table(promises, border="horizontal", hide_index=True)
    st.header("Differences", anchor=False, help="Paired by replication: both met the same load (Student's t).")
    pairs = pairs_of(found)
    if st.session_state.get(PAIR) not in pairs:
        st.session_state[PAIR] = pairs[0]
    a, b = st.selectbox("Which two", pairs, key=PAIR, format_func=lambda pair: f"{pair[1]} against {pair[0]}")
    st.table(difference_rows(found, a, b), border="horizontal", hide_index=True)


def _recordings(found: Comparison) -> str:
    seeds = list(found.digests)
    if not seeds:
        return ""
    more = ", and 1 more seed" if len(seeds) == 2 else f", and {len(seeds) - 1} more seeds" if len(seeds) > 2 else ""
    money = found.request.machine
    return (
        f"All strategies met the same recording: digest {str(found.digest)[:12]} (seed {seeds[0]}){more}. "
        f"USD: {money.usd_per_hour} an hour of {money.machine}, busy time only ({money.date})."
    )


def _front_line(found: Comparison) -> str:
    front = [column.strategy for column in found.columns if column.on_front]
    beaten = [column.strategy for column in found.columns if column.on_front is False]
    if not front:
        return "No run has ended yet."
    said = f"Ringed: {', '.join(front)}; no other is better in one of the two without being worse in the other."
    return said + (f" Beaten: {', '.join(beaten)}." if beaten else "")
