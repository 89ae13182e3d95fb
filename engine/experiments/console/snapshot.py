"""What queries see of a history: a copy with the learners' tables and nothing else, made anew when the history changes.

Not a copy of the file: places of graph files, processes and other private columns are not in it, and no query ever
holds the history open.
"""

import os
import tempfile
import threading
from pathlib import Path

from engine.errors import HistoryError
from engine.experiments.console.tables import TABLES, literal
from engine.experiments.history.file import HistoryFile
from engine.experiments.history.history import RunHistory

_Stamp = tuple[int, ...]


class Snapshots:
    """The newest copy of each history that was asked, below a folder of this process, which goes when it ends."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._made: dict[Path, tuple[_Stamp, Path]] = {}

    def of(self, history: Path) -> Path:
        """A read-only copy of a history as it is now.

        Raises:
            HistoryError: there is no history, or it cannot be read.
        """
        with self._lock:
            RunHistory(history).settle()  # a run whose process is gone shall not look as if it were running
            stamp = _stamp(history)
            known = self._made.get(history)
            if known is None or known[0] != stamp or not known[1].exists():
                known = self._made[history] = stamp, self._make(history)
            return known[1]

    def _make(self, history: Path) -> Path:
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="murmuration-")
        known = self._made.get(history)
        place = known[1].parent if known else Path(self._folder.name, str(len(self._made)))
        place.mkdir(exist_ok=True)
        copy, draft = place / "history.duckdb", place / "draft.duckdb"
        draft.unlink(missing_ok=True)
        with HistoryFile(history).copying_to(draft) as connection:
            for table in TABLES:
                connection.execute(f'CREATE TABLE "{table.name}" AS {table.select("history.main")}')
                connection.execute(f'COMMENT ON TABLE "{table.name}" IS {literal(table.text)}')
                for column in table.columns:
                    words = f"{column.text} [{column.unit}]" if column.unit else column.text
                    connection.execute(f'COMMENT ON COLUMN "{table.name}"."{column.name}" IS {literal(words)}')
        os.replace(draft, copy)  # a query that is opening the old one gets all of it
        return copy


def _stamp(history: Path) -> _Stamp:
    try:
        files = [path.stat() for path in (history, history.with_name(history.name + ".wal")) if path.exists()]
    except OSError as error:
        raise HistoryError(f"The run history {history} cannot be used: {error.strerror}.") from error
    return tuple(value for seen in files for value in (seen.st_ino, seen.st_size, seen.st_mtime_ns))
