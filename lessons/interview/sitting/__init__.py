"""One mock interview under way: its events on disk, its clock, the interviewer, questions and hints."""

from lessons.interview.sitting.events import EXTRAS, PHASES, Form, Mode, Outcome, Phase, Stage
from lessons.interview.sitting.flow import TITLES
from lessons.interview.sitting.heart import keep_alive
from lessons.interview.sitting.hints import MOST_HINTS, Hint
from lessons.interview.sitting.instructor import Instructor
from lessons.interview.sitting.log import SittingError
from lessons.interview.sitting.options import Option, shuffled
from lessons.interview.sitting.script import many
from lessons.interview.sitting.sitting import Kept, Sitting, kept
from lessons.interview.sitting.state import AskedBefore, Clock, Question, State
from lessons.interview.sitting.understood import RELATIONS, Chip

__all__ = [
    "EXTRAS",
    "MOST_HINTS",
    "PHASES",
    "RELATIONS",
    "TITLES",
    "AskedBefore",
    "Chip",
    "Clock",
    "Form",
    "Hint",
    "Instructor",
    "Kept",
    "Mode",
    "Option",
    "Outcome",
    "Phase",
    "Question",
    "Sitting",
    "SittingError",
    "Stage",
    "State",
    "keep_alive",
    "kept",
    "many",
    "shuffled",
]
