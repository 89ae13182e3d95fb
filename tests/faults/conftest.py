"""One nursery for all tests of a process."""

from collections.abc import Iterator

import pytest

from tests.faults.nursery import Nursery


@pytest.fixture(scope="session")
def nursery() -> Iterator[Nursery]:
    """Where children come from that may be killed."""
    made = Nursery()
    yield made
    made.close()
