"""Read the chart: what happened here? Four explanations, and the engine's records decide."""

from engine.errors import MurmurationError
from pages.parts.charts_view import charts_page
from pages.parts.refusal import refused

try:
    charts_page()
except MurmurationError as error:
    refused(error)
