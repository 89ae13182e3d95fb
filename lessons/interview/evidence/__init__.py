"""One small function for each criterion: what a transcript has for it, and what that is worth."""

from lessons.interview.evidence import step1, step2, step3, step4, step5, step6, step7
from lessons.interview.evidence.credit import Credit, Judge

__all__ = ["JUDGES", "Credit", "Judge"]

JUDGES: dict[str, Judge] = {
    **step1.JUDGES, **step2.JUDGES, **step3.JUDGES, **step4.JUDGES, **step5.JUDGES, **step6.JUDGES, **step7.JUDGES,
}  # fmt: skip
"""By the criterion's id."""
