"""The people of whole runs are those of tests/conformance."""

from tests.conformance.conftest import population as population
