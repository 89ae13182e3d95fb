"""The Drills page's frame: the cards that are due today, one after the other, and when the rest comes."""

from datetime import UTC, datetime, timedelta

import streamlit as st

from engine.errors import MurmurationError
from lessons.drills.cards import Card
from lessons.drills.deck import Dated, Deck, answer, deck
from lessons.drills.spacing import DAYS
from pages.parts.drills_progress import progress_section
from pages.parts.inner_link import inner_link
from pages.parts.learner import learner
from pages.parts.plain_text import plain

SHOWN, REFUSED, AT_START = "drills_shown", "drills_refused", "drills_at_start"


def drills_page() -> None:
    """The whole page."""
    progress = learner()
    today = deck(progress.events(), progress.now_s(), zone_s())
    st.title("Drills", anchor=False)
    work, side = st.columns([11, 8], gap="large")
    with work:
        _work(today)
    with side:
        _calendar(today)
        progress_section(progress)


def zone_s() -> float:
    """How far the learner's calendar is ahead of UTC, as their browser says."""
    behind_min = st.context.timezone_offset
    return 0.0 if behind_min is None else -60.0 * behind_min


def _work(today: Deck) -> None:
    shown = _answered(today)
    if shown is not None:
        _because(*shown, left=len(today.due))
    elif today.due:
        _ask(today.due[0], len(today.due))
    elif today.later or today.known:
        _rest(today)
    else:
        _nothing_yet()


def _answered(today: Deck) -> tuple[Card, str] | None:
    """The card that has just been answered, until the learner goes on."""
    card_id, key = st.session_state.get(SHOWN) or (None, "")
    cards = {one.card.id: one.card for one in (*today.due, *today.later, *today.known)}
    return (cards[card_id], key) if card_id in cards else None


def _ask(dated: Dated, count: int) -> None:
    card = dated.card
    st.header(f"{count} question{'s' if count > 1 else ''} due today", anchor=False)
    key = f"drills_said_{card.id}_{dated.standing.due_day}"
    with st.container(border=True, width=640):
        st.caption(f"{card.source}. {_turn(dated.standing.step)}")
        st.markdown(f"**{plain(card.question)}**")
        st.radio(
            card.question,
            [option for option, _ in card.options],
            index=None,
            key=key,
            label_visibility="collapsed",
            format_func=lambda option: plain(card.label(option)),
        )
        st.button("Answer", type="primary", on_click=_answer, args=(card, key))
        if st.session_state.get(REFUSED):
            st.warning(st.session_state[REFUSED])


def _turn(step: int) -> str:
    return f"Right {step} time{'s' if step > 1 else ''} in a row." if step else "First time back."


def _answer(card: Card, key: str) -> None:
    said = st.session_state.get(key)
    if said is None:
        st.session_state[REFUSED] = "Choose an answer first: a guess is enough."
        return
    try:
        answer(learner(), card, said)
        st.session_state[SHOWN], st.session_state[REFUSED] = (card.id, said), None
    except MurmurationError as refused:
        st.session_state[REFUSED] = str(refused)


def _because(card: Card, key: str, left: int) -> None:
    right = key == card.answer
    st.header("Right" if right else "Not yet", anchor=False)
    with st.container(border=True, width=640):
        st.caption(card.source)
        st.markdown(f"**{plain(card.question)}**")
        st.markdown(f"You said **{plain(card.label(key))}**.")
        if right:
            st.success(f"{plain(card.label(card.answer))} it is. {plain(card.because)}")
        else:
            st.warning(
                f"It is **{plain(card.label(card.answer))}**. {plain(card.because)} This one comes back tomorrow."
            )
        with st.container(horizontal=True, vertical_alignment="center"):
            st.button("Next" if left else "Done for today", type="primary", on_click=_go_on)
            inner_link(card.link, "Learn it")


def _go_on() -> None:
    st.session_state[SHOWN] = None


def _rest(today: Deck) -> None:
    st.header("Nothing is due today", anchor=False)
    if today.later:
        days = (today.later[0].standing.due_day or 0) - today.today
        st.markdown(f"The next question comes **{in_days(days)}**. Cards asked too early teach little: let them rest.")
    else:
        st.markdown("All your cards are known. New mistakes make new cards.")


def _nothing_yet() -> None:
    st.header("No cards yet", anchor=False)
    st.markdown(
        "A card is made of something you got wrong: an estimate more than twice off, a prediction, a chart, a hunt. It "
        "comes back after **1, 3, 7 and 14 days**. Right four times in a row and it is known; wrong, and it starts "
        "again with one day."
    )
    inner_link("/estimates", "Make your first estimate")


def _calendar(today: Deck) -> None:
    """What is due when."""
    st.header("What comes when", anchor=False)
    if not today.calendar:
        st.markdown("Empty. The days ahead fill as you make mistakes.")
    else:
        st.html(calendar_html(today))
    known = len(today.known)
    if known:
        st.markdown(
            f"**{known}** {'is' if known == 1 else 'are'} known: right after the last pause of {DAYS[-1]} days."
        )


def calendar_html(today: Deck) -> str:
    """A line of fifteen days: how many cards each has."""
    ahead = today.calendar
    cells = []
    for days in range(DAYS[-1] + 1):
        date = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=today.today + days)
        count = ahead.get(days, 0)
        said = f"{in_days(days)}: {count} card{'' if count == 1 else 's'}"
        label = "now" if days == 0 else f"{date:%a} {date.day}"
        cells.append(
            f'<li title="{said}"><span class="sr-only">{said}</span><span aria-hidden="true" class="day">{label}</span>'
            f'<span aria-hidden="true" class="count{" some" if count else ""}">{count or "·"}</span></li>'
        )
    return f'<style>{_LOOK}</style><ol class="drill-days">{"".join(cells)}</ol>'


_LOOK = """
.drill-days { display: grid; grid-template-columns: repeat(5, 1fr); gap: 6px; list-style: none; margin: 0 !important;
  padding: 0 !important; }
.drill-days li { margin: 0; padding: 4px 2px; border: 1px solid color-mix(in srgb, currentColor 25%, transparent);
  border-radius: 6px; text-align: center; display: flex; flex-direction: column; position: relative; }
.drill-days .day { font-size: 13px; } .drill-days .count { font-size: 16px; font-variant-numeric: tabular-nums; }
.drill-days .some { font-weight: 700; text-decoration: underline; text-underline-offset: 3px; }
.drill-days .sr-only { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
"""


def in_days(days: int) -> str:
    """A day in words."""
    return {0: "today", 1: "tomorrow"}.get(days, f"in {days} days")
