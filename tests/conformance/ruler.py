"""How a measurement is held against a formula: in standard errors of independent replications, and in per cent."""

import numpy as np


def assert_agrees(samples, expected, within=0.02, sigmas=4.0):
    """The mean of independent replications is what theory says: no further off than `sigmas` of its own standard
    errors, and than the share `within`. Replications that scatter too much to tell are refused too."""
    samples = np.asarray(samples, float)
    error = samples.std(ddof=1) / np.sqrt(len(samples))
    distance = abs(samples.mean() - expected)
    told = f"{samples.mean():.6g} +- {error:.2g}, but theory says {expected:.6g}"
    assert error <= within * expected, f"too few to tell: {told}"
    assert distance <= sigmas * error, told
    assert distance <= within * expected, told
