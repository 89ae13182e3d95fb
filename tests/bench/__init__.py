"""How fast the engine is, as ratios to something measured beside it: `python -m tests.bench`."""
