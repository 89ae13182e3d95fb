"""All strategies that keep the timeline law, for behaviour that must not depend on which one is in force."""

import pytest

from tests.law.small import STRATEGIES


@pytest.fixture(params=STRATEGIES)
def strategy(request: pytest.FixtureRequest) -> str:
    """A strategy as it is named on the command line."""
    return request.param
