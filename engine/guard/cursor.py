"""Page cursors: where the next page begins, sealed so that only this world's own, for this very list, are taken.

16 characters of base64url: a version byte, the row (int32), and 7 bytes of keyed BLAKE2s over both and the scope. A
bare checksum would not do: CRC-32 is linear, so two known cursors are enough to make a third.
"""

import base64
import binascii
import hashlib
import struct
from typing import Any

from engine.errors import InvalidCursor

_VERSION = 1
_HEAD = struct.Struct(">Bi")
_SEAL_BYTES = 7


class Cursors:
    """Makes and reads the cursors of one world. `secret`: at most 32 bytes; another secret, other cursors."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def encode(self, row: int, scope: str) -> str:
        """The cursor that continues below `row` in the list `scope`, such as 'home:42'."""
        head = _HEAD.pack(_VERSION, row)
        return base64.urlsafe_b64encode(head + self._seal(head, scope)).decode()

    def decode(self, text: Any, scope: str) -> int:
        """The row of a cursor that `encode` made for the same scope.

        Raises:
            InvalidCursor: anything else.
        """
        try:
            raw = base64.urlsafe_b64decode(text)
            version, row = _HEAD.unpack(raw[: _HEAD.size])
        except (TypeError, ValueError, binascii.Error, struct.error):
            raise InvalidCursor(_REFUSAL) from None
        # comparing the text too: the decoder would skip foreign characters in it
        if version != _VERSION or self.encode(row, scope) != text:
            raise InvalidCursor(_REFUSAL)
        return int(row)

    def _seal(self, head: bytes, scope: str) -> bytes:
        return hashlib.blake2s(head + scope.encode(), key=self._secret, digest_size=_SEAL_BYTES).digest()


_REFUSAL = "This page cursor was not issued for this list; allowed: the `next` of its previous page, or none."
