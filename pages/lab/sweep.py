"""Sweep: how the answer depends on a setting, or on two."""

from pages.parts.sweep_view import sweeping

sweeping()
