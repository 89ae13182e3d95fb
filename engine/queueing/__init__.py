"""Waiting: stations, jobs and their workers, and what is on its way. Exact to the nanosecond at any tick length."""
