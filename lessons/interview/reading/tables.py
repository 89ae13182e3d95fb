"""The data files that reading rests on, and one digest over them that every report carries."""

import hashlib
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).parent / "tables"
NAMES = ("concepts", "english", "patterns", "relations")


@cache
def table(name: str) -> dict[str, Any]:
    """One of the tables NAMES, as its TOML file says."""
    return tomllib.loads((_FOLDER / f"{name}.toml").read_text(encoding="utf-8"))


@cache
def digest() -> str:
    """SHA-256 over the names and the bytes of all tables, in hex: with the same one, a text is read the same."""
    total = hashlib.sha256()
    for name in NAMES:
        content = (_FOLDER / f"{name}.toml").read_bytes()
        total.update(f"{name} {len(content)}\n".encode())
        total.update(content)
    return total.hexdigest()
