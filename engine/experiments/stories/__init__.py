"""Stories: something breaks in a classroom, one predicts what, sees it, and is told what would have helped.

    told = tell(STORIES["retry_storm"])             # run, drained, audited, debriefed
    told.debrief.breaches[0].sentence               # what broke first
    moved(STORIES["retry_storm"])                   # what each mitigation would have changed, on the same load
    grade(told.story, "soon", told.debrief)         # the prediction

Read in this order: story (what a story is), catalogue (the six), tell, debrief, effects, audit_view.
"""

from engine.experiments.stories.audit_view import ListBeside, beside, rebuild, wrong_lists
from engine.experiments.stories.catalogue import STORIES, WellAfter, find_story
from engine.experiments.stories.debrief import FIGURES, Breach, Debrief, Figure, Lost
from engine.experiments.stories.effects import Effect, moved
from engine.experiments.stories.grade import Verdict, grade
from engine.experiments.stories.story import MITIGATIONS, Mitigation, Option, Story, find_mitigation
from engine.experiments.stories.tell import Told, tell

__all__ = [
    "FIGURES",
    "MITIGATIONS",
    "STORIES",
    "Breach",
    "Debrief",
    "Effect",
    "Figure",
    "ListBeside",
    "Lost",
    "Mitigation",
    "Option",
    "Story",
    "Told",
    "Verdict",
    "WellAfter",
    "beside",
    "find_mitigation",
    "find_story",
    "grade",
    "moved",
    "rebuild",
    "tell",
    "wrong_lists",
]
