"""Where the run history lives, for whoever does not name a file. Loads nothing: a plain `run` begins at once."""

import os
from pathlib import Path

ENVIRONMENT = "MURMURATION_HISTORY"
"""Names another place for the history than var/history.duckdb."""
DEFAULT_PATH = Path("var", "history.duckdb")
"""Where runs are kept unless somebody says otherwise."""


def history_path() -> Path:
    """The file that the environment names, or the usual one."""
    return Path(os.environ.get(ENVIRONMENT) or DEFAULT_PATH)
