"""The mock interview: forty-five minutes, seven steps, and the own design run."""

from engine.errors import MurmurationError
from pages.parts.interview_view import interview_page
from pages.parts.refusal import refused

try:
    interview_page()
except MurmurationError as error:
    refused(error)
