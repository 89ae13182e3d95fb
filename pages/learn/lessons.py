"""Lessons: a question, your bet, a run of the engine, and why it came out as it did."""

from engine.errors import MurmurationError
from pages.parts.lesson_view import lessons_page
from pages.parts.refusal import refused

try:
    lessons_page()
except MurmurationError as error:
    refused(error)
