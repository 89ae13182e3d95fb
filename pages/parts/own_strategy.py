"""Bring your own strategy: an editor on a page, the check of the timeline law, and what came out of it.

The code runs in a process of its own only (engine/own_strategy), and only where that is allowed.
"""

import os
from dataclasses import dataclass

import streamlit as st

from engine.errors import InvalidField, MurmurationError
from engine.experiments.studies import OwnCode
from engine.own_strategy import (
    FILE,
    SWITCH,
    TEMPLATE,
    Checked,
    Limits,
    OwnCodePolicy,
    Verdict,
    Work,
    check,
    history_in_words,
)

TEXT, FIRST, EDITION, JUDGED, OPEN = (f"own_{name}" for name in ("text", "first", "edition", "judged", "open"))
"""Keys: of the code; of what the editor began with; of how often it began anew; of the last check; of the fold."""
LIMITS = Limits(wall_s=40.0, cpu_s=12.0)
EDITOR_PX = 300
_LOOK = """<style>
[class*="st-key-own_source"] textarea { font: 12.5px/1.5 ui-monospace, "DejaVu Sans Mono", Consolas, monospace;
  white-space: pre; overflow-x: auto; tab-size: 4; }
</style>"""
ISOLATION = (
    f"Your code runs in a process of its own: {LIMITS.cpu_s:g} s and {LIMITS.memory_mb} MB for a check, no network, "
    "no other process, no files but those of Python and of the engine's code. Each verdict says what holds it on this "
    "very machine. **Not prevented:** code that sets out to forge what its own process answers. So the verdict is for "
    "you, not for grading."
)


@dataclass(frozen=True)
class Judged:
    """A source, and what its check said; `refused`: why there was none."""

    source: str
    checked: Checked | None = None
    refused: str = ""
    name: str | None = None
    """Of its class, if it may be compared."""


def begin_own(page: str, code: OwnCode | None) -> None:
    """Before the form: what the editor holds, and what a check just now adds to the strategies."""
    state = st.session_state
    if code is not None and TEXT not in state:
        state[TEXT] = code.source
        state[JUDGED] = Judged(code.source, name=code.name)
    if _editor_key() not in state:  # on the first visit, or back from another page, where the editor was forgotten
        state[FIRST] = state.setdefault(TEXT, TEMPLATE)
    added = state.pop(f"{page}_own_added", None)
    if added and added not in state[f"{page}_strategies"]:
        state[f"{page}_strategies"] = [*state[f"{page}_strategies"], added]


def code_asked(page: str, strategies: list[str]) -> OwnCode | None:
    """The code that one of these strategies names, as it was checked.

    Raises:
        InvalidField: it is not checked, or changed since.
    """
    state = st.session_state
    named = [spec for spec in strategies if spec.startswith(f"{FILE}:")]
    if not named:
        return None
    judged = state.get(JUDGED)
    if judged is None or judged.name is None or named != [f"{FILE}:{judged.name}"]:
        raise InvalidField(
            "strategies",
            f"{named[0]} is not checked yet; press Check it under Bring your own strategy, or take it out. Only what "
            "was checked is allowed.",
        )
    if judged.source != state[_editor_key()]:
        raise InvalidField("strategies", f"The code of {named[0]} was changed after its check; press Check it again.")
    return OwnCode(source=judged.source, name=judged.name, policy=_policy())


def fold() -> None:
    """Make room for what comes out."""
    st.session_state[OPEN] = False


def own_strategy(page: str) -> None:
    """The editor, its buttons, and the last verdict."""
    with st.expander("Bring your own strategy", key=OPEN, on_change="rerun"):
        try:
            policy = _policy()
        except MurmurationError as wrong:
            st.error(str(wrong))
            return
        if not policy.allowed:
            _off()
            return
        _editor(page, policy)


def _policy() -> OwnCodePolicy:
    address = st.get_option("server.address")
    return OwnCodePolicy.of_server(str(address) if address else None, os.environ)


def _off() -> None:
    st.info(
        "Off here, because others can reach this server: in a shared room, code of one's own runs only if the "
        "instructor allows it. Whoever starts the server allows it with the first line. The second opens the server to "
        "this machine alone, where it is allowed anyway."
    )
    st.code(f"{SWITCH}=allow streamlit run app.py\nstreamlit run app.py --server.address localhost", language="bash")
    st.markdown("On the command line it is always there, without a fence: save this as `my.py`, and change it.")
    st.code(TEMPLATE, language="python")
    st.code("python -m engine compare --strategy my.py:Mine --strategy push --scenario celebrity", language="bash")


def _editor(page: str, policy: OwnCodePolicy) -> None:
    state = st.session_state
    st.html(_LOOK)
    st.text_area(
        "Your strategy, a Python class", state[FIRST], key=_editor_key(), height=EDITOR_PX,
        help="Tab leaves the editor; indent with spaces. Every method of engine/write_path/strategies/base.py may be "
        "overridden. An answer is a numpy array of bool.",
    )  # fmt: skip
    state[TEXT] = state[_editor_key()]
    checking, again, _ = st.columns([1, 1, 2], gap="small")
    pressed = checking.button("Check it", key="own_check", width="stretch")
    again.button("Back to the template", key="own_again", on_click=_back, width="stretch")
    st.caption(ISOLATION)
    if pressed:
        with st.spinner("Checking it: ten random histories, each played twice and once with pull. A few seconds."):
            judged = _judge(state[TEXT], policy)
        state[JUDGED] = judged
        if judged.name:
            state[f"{page}_own_added"] = f"{FILE}:{judged.name}"
            st.rerun()
    if state.get(JUDGED):
        _said(state[JUDGED], state[TEXT])


def _editor_key() -> str:
    """A new editor has a new key: what it begins with is told to the browser at every run, and never set from here."""
    return f"own_source_{st.session_state.get(EDITION, 0)}"


def _back() -> None:
    state = st.session_state
    state[EDITION] = state.get(EDITION, 0) + 1
    state[TEXT] = TEMPLATE
    state.pop(JUDGED, None)


def _judge(source: str, policy: OwnCodePolicy) -> Judged:
    if not source.strip():
        return Judged(source, refused="There is no code to check; go back to the template and change it.")
    try:
        checked = check(source, policy=policy, limits=LIMITS)
    except MurmurationError as refused:
        return Judged(source, refused=str(refused))
    return Judged(source, checked, name=checked.name if checked.verdict.lawful else None)


def _said(judged: Judged, source: str) -> None:
    if judged.source != source:
        st.caption("The code was changed since this verdict; check it again.")
    if judged.checked is None:
        if judged.refused:
            st.warning(judged.refused)
        return
    verdict = judged.checked.verdict
    if verdict.lawful:
        st.success(
            f"{verdict.line} `{FILE}:{judged.name}` is among the strategies on the left now: press Run to compare it "
            "on the same load."
            if judged.name
            else verdict.line
        )
    else:
        st.error(verdict.line)
        _where(verdict, judged.source)
    if judged.checked.printed:
        st.caption("It printed:")
        st.code(judged.checked.printed, language=None, height=120)
    if judged.checked.isolation:
        st.caption("What held it here: " + " ".join(judged.checked.isolation))


def _where(verdict: Verdict, source: str) -> None:
    """The line of the code, or the history, that broke it."""
    lines = source.splitlines()
    if verdict.code_line is not None and 1 <= verdict.code_line <= len(lines):
        st.caption(f"Line {verdict.code_line} of your code:")
        st.code(lines[verdict.code_line - 1].strip(), language="python")
    if verdict.history is None or verdict.user is None:
        return
    st.caption(f"Rule {verdict.rule} of docs/timeline-law.md was broken in history {verdict.history}.")
    if st.toggle(f"Show history {verdict.history}", key="own_history"):
        people, acts = history_in_words(Work().seed, verdict.history)
        st.caption(f"Eight people, 0 to 7. {people}")
        st.code("\n".join(f"{number:2}  {act}" for number, act in enumerate(acts, 1)), language=None, height=240)
        st.caption("Then everything comes to rest, and everybody's pages are compared with those of pull.")
