"""The mock interview: what a candidate says and runs, read and graded without a model."""
