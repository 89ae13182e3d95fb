"""How a measurement is held against a formula: in standard errors of independent replications."""

import numpy as np


def assert_agrees(samples, expected, sigmas=4.0):
    """The mean of independent replications is within `sigmas` of its own standard errors of what theory says."""
    samples = np.asarray(samples, float)
    error = samples.std(ddof=1) / np.sqrt(len(samples))
    distance = abs(samples.mean() - expected)
    assert distance <= sigmas * error, f"{samples.mean():.6g} +- {error:.2g}, but theory says {expected:.6g}"
