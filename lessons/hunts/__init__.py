"""Bug hunts: a feed engine with one planted defect, found by symptom, charts, audit, traces and single lists.

    hunt = HUNTS["memory_bill"]
    evidence = investigate(hunt)                  # both runs, the planted and the healthy one; plain data
    offer(hunt, seed).causes                      # what may be named, shuffled for this learner
    judge(hunt, cause, fix)                       # against the defect that was planted
    explained(hunt)                               # the story, and the code of the right way

Read in this order: hunt (what a hunt is), catalogue (all of them), acts, play, evidence, diagnoses, grade, record.
"""

from lessons.hunts.catalogue import HUNTS, find_hunt
from lessons.hunts.evidence import Chart, Entry, Evidence, Line, ListLook, investigate
from lessons.hunts.grade import (
    FULL,
    HINT_COSTS,
    WRONG_COSTS,
    Explained,
    Offer,
    Option,
    Verdict,
    chosen,
    explained,
    judge,
    offer,
    score,
)
from lessons.hunts.hunt import LEVELS, Hunt
from lessons.hunts.play import SEED
from lessons.hunts.record import Standing, keep_answer, keep_shown, standing

__all__ = [
    "FULL",
    "HINT_COSTS",
    "HUNTS",
    "LEVELS",
    "SEED",
    "WRONG_COSTS",
    "Chart",
    "Entry",
    "Evidence",
    "Explained",
    "Hunt",
    "Line",
    "ListLook",
    "Offer",
    "Option",
    "Standing",
    "Verdict",
    "chosen",
    "explained",
    "find_hunt",
    "investigate",
    "judge",
    "keep_answer",
    "keep_shown",
    "offer",
    "score",
    "standing",
]
