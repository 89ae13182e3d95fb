"""No row of the checklist is forgotten: it has a test that names it, or stands among those that do not apply."""

import re
from pathlib import Path

from tests.behaviours import NOT_HERE

ROWS = {
    *["1", "2", "4", "6", "8", "9", "10"],  # insert, order, cap
    *["11", "12", "13", "14", "15", "16", "17", "19", "20"],  # reposts
    *["21", "22", "23", "25", "27", "28", "29", "30"],  # follow, unfollow, filters
    *["32", "33", "35", "36"],  # fan-out and workers
    *["37", "38", "39"],  # inactive users, cold lists, reads
    *["h1", "h2", "h3", "h4", "h5"],  # hybrid
}


def test_every_row_is_tested_or_said_not_to_apply():
    sources = "".join(path.read_text() for path in Path(__file__).parent.glob("test_*.py"))
    tested = set(re.findall(r"def test_row_(\w+?)_", sources))
    assert tested | NOT_HERE == ROWS
    assert tested & NOT_HERE == set()
