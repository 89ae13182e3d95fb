"""The debrief of a mock interview."""
