"""Estimates: taken before the answer, scored by order of magnitude; some answers are measured on this engine."""
