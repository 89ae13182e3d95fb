"""The bet over the result: all answers in a row, the one that was bet on framed, and the run's figure in its place."""

from html import escape

import streamlit as st

from lessons.lesson import Prediction
from lessons.play import Outcome
from lessons.taken import Bet

_STYLE = """<style>
.bet { display: flex; gap: 4px; margin: 0 0 4px; }
.bet div { flex: 1; padding: 4px 8px; border: 2px solid color-mix(in srgb, currentColor 22%, transparent); 
  border-radius: 6px; font-size: .9rem; min-height: 48px; }
.bet .mine { border: 2px dashed currentColor; }
.bet .right { background: color-mix(in srgb, #009E73 20%, transparent); }
.bet b { display: block; }
</style>"""


def bet_bar(asked: Prediction, bet: Bet, outcome: Outcome) -> None:
    """The row of answers."""
    value = outcome.value(asked.figure)
    right = asked.answer(value).key if value is not None else None
    cells = []
    for option in asked.options:
        classes = " ".join([*(["mine"] if option.key == bet.key else []), *(["right"] if option.key == right else [])])
        told = [f"this run: {outcome.said(asked.figure)}"] if option.key == right else []
        told += ["your bet"] if option.key == bet.key else []
        said = f"<b>{escape(', '.join(told))}</b>" if told else ""
        cells.append(f'<div class="{classes}">{escape(option.label)}{said}</div>')
    st.html(f'{_STYLE}<div class="bet" role="group" aria-label="Your bet and the run">{"".join(cells)}</div>')
