"""The people of whole runs, as in tests/conformance."""

from tests.conformance.conftest import population

__all__ = ["population"]
