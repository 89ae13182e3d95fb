"""Memory that is kept is not fetched from the system again. In a process of its own: it is told once and for all."""

import subprocess
import sys

import pytest

from engine.memory import give_back, keep_freed

COUNT = """
import resource, sys
import numpy as np
from engine.memory import keep_freed

if sys.argv[1] == "kept":
    assert keep_freed()
for k in range(40):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt if k == 5 else (before if k else 0)
    parts = [np.ones(1_000_000) for _ in range(12)]  # 8 MB each
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="glibc is told; elsewhere nothing changes")
def test_arrays_that_come_and_go_are_paged_in_once():
    usual, kept = (
        int(subprocess.run([sys.executable, "-c", COUNT, how], check=True, capture_output=True, text=True).stdout)
        for how in ("usual", "kept")
    )
    assert kept < usual / 10


def test_it_is_safe_to_ask_for_it_again():
    assert keep_freed() == keep_freed()
    give_back()
