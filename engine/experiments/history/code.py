"""Which code made a result: a hash over the sources that decide it."""

import hashlib
from functools import cache
from pathlib import Path

_ROOT = Path(__file__).parents[3]
_PARTS = ("engine", "datasets")
"""What a result depends on; pages only look at it."""


@cache
def code_version() -> str:
    """`sha256:` and 12 digits over all sources of engine and datasets, by their names below the project's folder.

    The same files give the same version on any machine and in any folder; one changed letter gives another.
    """
    return f"sha256:{_hash_of(_ROOT)[:12]}"


def _hash_of(root: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(path for part in _PARTS for path in (root / part).rglob("*.py")):
        for piece in (path.relative_to(root).as_posix().encode(), path.read_bytes()):
            digest.update(len(piece).to_bytes(8, "little"))
            digest.update(piece)
    return digest.hexdigest()
