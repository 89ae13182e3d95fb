"""How the allocator treats big arrays that come and go many times a second.

The first touch of memory fresh from the system costs several times what numpy does with it; by default glibc gives
megabytes back as soon as they are free and asks for them again at the next call.
"""

import ctypes
from functools import cache

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3
"""Of mallopt(3)."""
_KEPT_BYTES = 1 << 30
_LARGEST_KEPT_BYTES = 32 << 20
"""Larger arrays come from the system and go back to it at once; glibc takes no more."""


@cache
def _libc() -> ctypes.CDLL | None:
    """The C library if it is one that can be told."""
    try:
        libc = ctypes.CDLL(None)
    except (OSError, TypeError):
        return None
    return libc if hasattr(libc, "mallopt") and hasattr(libc, "malloc_trim") else None


def keep_freed() -> bool:
    """Keep up to a gigabyte of freed memory for what comes next; False where the system cannot be told so."""
    libc = _libc()
    if libc is None:
        return False
    trimmed = libc.mallopt(_M_TRIM_THRESHOLD, _KEPT_BYTES)
    return bool(libc.mallopt(_M_MMAP_THRESHOLD, _LARGEST_KEPT_BYTES) and trimmed)


def give_back() -> None:
    """Return to the system what is free now, as after a world was closed."""
    libc = _libc()
    if libc is not None:
        libc.malloc_trim(0)
