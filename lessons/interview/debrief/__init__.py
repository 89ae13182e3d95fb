"""The debrief of a mock interview: what was measured, what was lost and what to do next, as data, Markdown and HTML.

    told = debrief(transcript, grade(transcript))
    markdown(told), html(told)

Read in this order: shape (the data), kept and broke (the own runs), consequences and losses (line by line), practices,
make (the ten sections); markdown and html draw them. history and panel stand beside: what is kept of many debriefs, and
several people who score one.
"""

from lessons.interview.debrief.html import html
from lessons.interview.debrief.make import debrief
from lessons.interview.debrief.markdown import markdown
from lessons.interview.debrief.practices import Practice, practices
from lessons.interview.debrief.shape import Debrief

__all__ = ["Debrief", "Practice", "debrief", "html", "markdown", "practices"]
