"""The page Sweep: a form on the left; curves of one knob, or a map of who wins over two, on the right."""

import streamlit as st

from engine.experiments.studies import (
    MEASURES,
    VARIABLE,
    Setting,
    Study,
    Sweep,
    SweepRequest,
    bill_rows,
    suggested,
    sweep_asked,
    sweep_rows,
    unit_of,
    value_in_words,
    wins_in_words,
)
from pages.parts import sweep_charts as charts
from pages.parts.palette import colours
from pages.parts.study_form import fill_in, filled_in, refusal, setting_of, strategies_field
from pages.parts.study_view import StudyPage, show

PAGE = "sweep"
KNOB, VALUES, SECOND, SECOND_VALUES, MEASURE, KEEP = (
    f"{PAGE}_{name}" for name in ("knob", "values", "second", "second_values", "measure", "keep_promises")
)
THRESHOLD = "strategy.threshold"
NONE = "none"
TOTAL, HOME = "machine_s", "home_p99_ms"
"""Machine time stands among the bills already; beside them stands what readers wait."""
CURVES_OF = "sweep_curves_of"
FORMS = "Listed: 2,4,8. Spread evenly: 50:1500:6. Spread by a factor: 10:2000:8:log. Both ends are values too."
QUESTIONS = {
    "If celebrities skip fan-out, why not everyone?": {
        KNOB: THRESHOLD, VALUES: suggested(THRESHOLD), SECOND: NONE, SECOND_VALUES: "",
        f"{PAGE}_strategies": ["hybrid"], MEASURE: TOTAL, KEEP: False,
        f"{PAGE}_scenario": "celebrity", f"{PAGE}_seconds": 30, f"{PAGE}_replications": 3,
    },
    "Who wins, by reads per post and size of the celebrity?": {
        KNOB: "reads_per_post", VALUES: "1,10,100", SECOND: "celebrity_share", SECOND_VALUES: "0.2:0.8:3",
        f"{PAGE}_strategies": ["push", "pull", "hybrid"], MEASURE: TOTAL, KEEP: False,
        f"{PAGE}_scenario": "celebrity", f"{PAGE}_seconds": 20, f"{PAGE}_replications": 3,
    },
}  # fmt: skip
"""Questions that fill in the form; the first stands in it to begin with."""


def sweeping() -> None:
    """The whole page."""
    show(
        StudyPage(
            name=PAGE, title="Sweep", kind=SweepRequest, other="Compare", begin=_begin, fields=_fields, ask=_asked,
            teach=_nothing_yet, draw=_found,
        )
    )  # fmt: skip


def _begin(request: SweepRequest | None) -> None:
    if request is None:
        _ask(next(iter(QUESTIONS)), only_empty=True)
        fill_in(PAGE, Setting(replications=3))
    else:
        _fill_in_of(request)


def _fields() -> None:
    state = st.session_state
    st.selectbox("Knob", VARIABLE, key=KNOB, on_change=_suggest, args=(KNOB, VALUES))
    st.text_input(_values_label(state[KNOB]), key=VALUES, help=FORMS, max_chars=400)
    refusal(PAGE, "values")
    st.selectbox("Second knob", [NONE, *VARIABLE], key=SECOND, on_change=_suggest, args=(SECOND, SECOND_VALUES))
    refusal(PAGE, "second")
    if state[SECOND] != NONE:
        st.text_input(_values_label(state[SECOND]), key=SECOND_VALUES, help=FORMS, max_chars=400)
        refusal(PAGE, "second_values")
    strategies_field(PAGE)
    measure = MEASURES[state[MEASURE]]
    st.selectbox(
        "Wins by",
        list(MEASURES),
        key=MEASURE,
        format_func=lambda name: f"{MEASURES[name].label} ({MEASURES[name].unit})",
        help=f"The measure that is drawn, and by which strategies win: {measure.better} is better, {measure.kind}.",
    )
    refusal(PAGE, "measure")
    st.checkbox("Only who keeps every promise can win", key=KEEP, help="Every SLO, in every replication of the point.")


def _values_label(knob: str) -> str:
    unit = unit_of(knob)
    return f"Values of {knob}" + (f" ({unit})" if unit else "")


def _suggest(knob: str, values: str) -> None:
    chosen = st.session_state[knob]
    st.session_state[values] = "" if chosen == NONE else suggested(chosen)


def _asked() -> SweepRequest:
    state = st.session_state
    vary = [(state[KNOB], state[VALUES])]
    if state[SECOND] != NONE:
        vary.append((state[SECOND], state.get(SECOND_VALUES, "")))
    return sweep_asked(filled_in(PAGE), state[f"{PAGE}_strategies"], vary, state[MEASURE], keep_promises=state[KEEP])


def _ask(question: str, *, only_empty: bool = False) -> None:
    for key, value in QUESTIONS[question].items():
        if only_empty:
            st.session_state.setdefault(key, value)
        else:
            st.session_state[key] = value


def _fill_in_of(request: SweepRequest) -> None:
    first, *rest = [(axis.name, ",".join(map(_plain, axis.values))) for axis in request.vary]
    second, second_values = rest[0] if rest else (NONE, "")
    shown = {
        KNOB: first[0], VALUES: first[1], SECOND: second, SECOND_VALUES: second_values,
        MEASURE: request.measure, KEEP: request.keep_promises,
    }  # fmt: skip
    for key, value in shown.items():
        st.session_state.setdefault(key, value)
    fill_in(PAGE, setting_of(request), strategies=list(request.strategies))


def _plain(value: object) -> str:
    return value_in_words(value).replace(",", "")  # type: ignore[arg-type]


def _nothing_yet() -> None:
    st.markdown("#### How does the answer depend on a setting?")
    st.markdown(
        "No sweep yet. One knob gives a curve for each strategy, with its 95 % band; two give a map of who wins where. "
        "At every point all strategies meet **the same recorded load**. Fill in the form with a question, bet on the "
        "answer, and press *Run*:"
    )
    for question in QUESTIONS:
        st.button(question, on_click=_ask, args=(question,))


def _found(study: Study, found: Sweep) -> None:
    if len(found.request.vary) == 1:
        _one_knob(found)
    else:
        _two_knobs(found)
    if not study.over:
        return
    st.header("As a table", anchor=False)
    measure = MEASURES[found.request.measure]
    label = _header_of(measure.name)
    st.caption(f"{label}: {measure.unit}, {measure.kind}; {measure.better} is better. ±: 95 % interval.")
    st.table(sweep_rows(found), border="horizontal", hide_index=True)
    if _is_threshold(found):
        chosen = _chosen(found)
        st.caption(f"Both bills under {chosen}, and what its readers wait.")
        st.table(bill_rows(found, chosen), border="horizontal", hide_index=True)


def _one_knob(found: Sweep) -> None:
    known = [curves for curves in found.curves if curves.cheapest]
    answers = [curves.answer for curves in known if curves.answer]
    is_threshold = _is_threshold(found)
    for answer in answers:
        st.markdown(f"#### {answer}")
    if not answers:
        st.markdown(f"#### {_headline(found)}")
    st.caption(_digests(found))
    left, right = st.columns(2, gap="medium") if is_threshold else (None, st.container())
    if left is not None:
        with left:
            _bills(found)
    with right:
        name = HOME if is_threshold and found.request.measure == TOTAL else found.request.measure
        st.header(_header_of(name), anchor=False)
        st.plotly_chart(
            charts.measure_chart(found, name, colours()), theme=None, config=charts.CONFIG, key="sweep_measure_chart",
            alt="The same figures stand in the table.",
        )  # fmt: skip
        most = max((point.replications for point in found.points), default=0)
        st.caption("Bands: 95 % intervals." if most > 1 else "One replication: no intervals.")
    for curves in known:
        st.markdown(curves.text[:1].upper() + curves.text[1:])


def _is_threshold(found: Sweep) -> bool:
    return found.request.vary[0].name == THRESHOLD and bool(found.curves)


def _chosen(found: Sweep) -> str:
    """Whose bills are shown."""
    names = found.request.strategies
    chosen = st.session_state.get(CURVES_OF)
    return chosen if chosen in names else "hybrid" if "hybrid" in names else names[0]


def _bills(found: Sweep) -> None:
    """Both curves of one strategy."""
    st.header("If celebrities skip fan-out, why not everyone?", anchor=False)
    names = [curves.strategy for curves in found.curves]
    chosen = _chosen(found)
    if len(names) > 1:
        st.session_state[CURVES_OF] = chosen
        chosen = st.selectbox("Bills under", names, key=CURVES_OF, label_visibility="collapsed")
    curves = found.curves[names.index(chosen)]
    st.plotly_chart(
        charts.bills_chart(found, curves, colours()), theme=None, config=charts.CONFIG, key="sweep_bills_chart",
        alt=curves.text,
    )  # fmt: skip
    st.caption(f"Under {chosen}. Left: nearly everyone's posts are fetched. Right: nearly all are pushed.")


def _two_knobs(found: Sweep) -> None:
    said = wins_in_words(found)
    st.markdown(f"#### {said}")
    st.caption(_digests(found))
    st.plotly_chart(
        charts.heat_chart(found, colours()), theme=None, config=charts.CONFIG, key="sweep_heat_chart", alt=said
    )
    st.caption(
        "A cell has the colour and the name of who wins there. No colour, and =: a tie, these cannot be told apart. "
        "Pale, and ?: too few replications to tell by. …: a point without a run of every strategy yet."
    )


def _headline(found: Sweep) -> str:
    if len(found.request.strategies) > 1:
        return wins_in_words(found)
    ended = sum(bool(point.replications) for point in found.points)
    return f"{found.request.strategies[0]} at {ended} of {len(found.points)} values of {found.request.vary[0].name}."


def _header_of(name: str) -> str:
    label = MEASURES[name].label
    return label[:1].upper() + label[1:]


def _digests(found: Sweep) -> str:
    digests = sorted({digest for point in found.points for digest in point.digests.values()})
    if not digests:
        return ""
    shown = f"digest {digests[0][:12]}" + (f", and {len(digests) - 1} more" if len(digests) > 1 else "")
    return f"At every point, all strategies met the same recordings ({shown})."
