"""The SQL console: a question in plain words or in SQL, the answer as a table, what there is to ask beside it."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from engine.errors import MurmurationError
from engine.experiments.console import READY, TABLES, Answer, Limits, ask
from engine.experiments.history import RunHistory
from engine.observe import words

SQL, QUESTION, ASKED, ANSWER, FAILED = (f"history_{name}" for name in ("sql", "question", "asked", "answer", "failed"))
_WHOLE = 2**53
"""Beyond it a browser's numbers are not exact, so whole numbers go as text."""
_LIMITS = Limits()


def console(history: RunHistory) -> None:
    """Text area, ready queries, schema and the last answer."""
    st.markdown(
        "Ask the kept runs in SQL (DuckDB's). A query reads a copy of the history in a process of its own, with no "
        f"file, no network and no settings: {_LIMITS.seconds:g} s, {_LIMITS.memory_bytes >> 20} MB and "
        f"{_LIMITS.rows} rows at most."
    )
    asking, there = st.columns([5, 3], gap="medium")
    with asking:
        _ask(history)
    with there:
        _schema()


def _ask(history: RunHistory) -> None:
    state = st.session_state
    if SQL not in state:
        state[SQL] = state.get(ASKED) or next(iter(READY.values())).sql
    st.selectbox(
        "A question to begin with",
        list(READY),
        format_func=lambda slug: READY[slug].question,
        key=QUESTION,
        on_change=_take_question,
    )
    with st.form("history_ask", border=False):
        st.text_area("SQL: one SELECT or EXPLAIN", key=SQL, height=170)
        asked = st.form_submit_button("Ask")
    if asked:
        state[ASKED] = state[SQL]  # that of the field itself goes when another page is visited
        with st.spinner("Asking."):
            state[ANSWER], state[FAILED] = _answer(history, state[SQL])
    if state.get(FAILED):
        st.error(state[FAILED])
    elif state.get(ANSWER) is not None:
        _show(state[ANSWER])


def _take_question() -> None:
    """The chosen question's query goes to the field; the answer there was belongs to another."""
    state = st.session_state
    state[SQL] = READY[state[QUESTION]].sql
    state[ANSWER] = state[FAILED] = None


def _answer(history: RunHistory, sql: str) -> tuple[Answer | None, str | None]:
    if not sql.strip():
        return None, "There is no query; write one SELECT, or choose a question above."
    try:
        return ask(sql, history.path, _LIMITS), None
    except MurmurationError as refused:
        return None, str(refused)


def _show(answer: Answer) -> None:
    rows = len(answer.rows)
    count = f"{words.count(rows)} row{'' if rows == 1 else 's'}"
    if answer.truncated:
        count = f"Truncated: the first {count}, there are more"
    st.caption(f"{count}. Took {words.millis(answer.took_ms, 3)} of real time, starting its process included.")
    if rows:
        st.dataframe(
            _columns(answer),
            hide_index=True,
            placeholder="null",
            alt="The answer, row by row.",
            height=min(38 + 35 * rows, 420),
        )
    else:
        st.info("The query was answered: no row fits.")


def _columns(answer: Answer) -> dict[str, list[Any]]:
    """Each column by a name of its own, with values of one type: what a table on the page can hold."""
    table: dict[str, list[Any]] = {}
    for number, name in enumerate(answer.columns):
        shown, again = name or f"column {number + 1}", 2
        while shown in table:
            shown, again = f"{name} ({again})", again + 1
        table[shown] = _alike([row[number] for row in answer.rows])
    return table


def _alike(values: Sequence[Any]) -> list[Any]:
    kinds = {type(value) for value in values if value is not None}
    if kinds <= {int, float} and all(abs(value) <= _WHOLE for value in values if isinstance(value, int)):
        return list(values)
    if kinds in ({bool}, {str}):
        return list(values)
    return [None if value is None else str(value) for value in values]


def _schema() -> None:
    st.markdown("**What there is to ask**")
    with st.container(height=520):
        for table in TABLES:
            with st.expander(f"{table.name}: {table.text}"):
                st.markdown(
                    "\n".join(f"- `{c.name}`{f' [{c.unit}]' if c.unit else ''} {c.text}" for c in table.columns)
                )
