"""How this learner's estimates have gone: error, bias, calibration, and all of them as a table."""

import pandas as pd
import streamlit as st

from lessons.estimates.record import history
from lessons.estimates.score import LAST, bias, bias_sentence, coverage, typical
from lessons.estimates.shown import times
from lessons.progress import Progress
from pages.parts.estimates_charts import CONFIG, calibration_chart, errors_chart, in_words
from pages.parts.palette import colours


def record_section(progress: Progress) -> None:
    """The section."""
    done = history(progress)
    st.header("How your estimates go", anchor=False)
    if not done:
        st.markdown(
            "Nothing yet. Your first estimate draws two charts here. One shows how far off each was, and whether you "
            "lean to **too high** or **too low**. The other sets estimates against answers, and counts how often the "
            "answer lies in the range that you were 90 % sure of."
        )
        st.caption(
            "Within 10 % is exact, within twice is close, within ten times is the right region. The bias is the mean "
            f"of log10(estimate / answer) over your last {LAST}."
        )
        return
    value, factor, ranges = bias(done) or 0.0, typical(done) or 1.0, coverage(done)
    close = sum(not one.grade.wrong for one in done[-LAST:])
    window = f"Of your last {min(len(done), LAST)}."
    cells = st.columns(3)
    cells[0].metric("Within twice", f"{close} of {min(len(done), LAST)}", help=f"From half to double. {window}")
    cells[1].metric("Typically off by", times(factor), help=f"The median factor, whatever the side. {window}")
    cells[2].metric(
        "Bias",
        "none" if abs(value) < 0.04 else f"{times(10 ** abs(value))} too {'high' if value > 0 else 'low'}",
        help=f"Mean of log10(estimate / answer), as a factor: {value:+.2f}. {window}",
    )
    palette = colours()
    st.plotly_chart(errors_chart(done, palette), width="stretch", config=CONFIG, key="estimates_errors")
    st.markdown(f"**Calibration.** {bias_sentence(value)} {ranges.sentence}")
    st.plotly_chart(calibration_chart(done, palette), width="stretch", config=CONFIG, key="estimates_calibration")
    st.caption(
        "Line: estimate = answer. Bands: within twice, and within ten times. Reckoned from what you answered here."
    )
    with st.expander("The same as words and a table"):
        st.markdown(in_words(done))
        rows = [
            {
                "question": one.title,
                "you": one.said,
                "answer": one.shown,
                "log10(estimate / answer)": round(one.grade.off, 2),
                "range holds it": "" if one.range is None else "yes" if one.range.holds(one.truth) else "no",
            }
            for one in reversed(done)
        ]
        st.dataframe(pd.DataFrame(rows), hide_index=True, width="stretch")
