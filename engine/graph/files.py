"""Reading a follow graph from a file: edge lists and MatrixMarket, gzipped or not.

The line-by-line reading below is the definition, and it names the line it cannot read. Files that hold nothing but
digits and separators, laid out as they should be, take a bulk path with the same result, many times faster.
"""

import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from engine.domain import I64, U8
from engine.errors import InvalidGraph
from engine.graph.graph import Graph

_GZIP_MAGIC = b"\x1f\x8b"
_BANNER = b"%%MatrixMarket"
_BOM = b"\xef\xbb\xbf"
_MAX_DIGITS = 18
"""Ids up to 10 ** 18 - 1 are certain to fit an int64."""
_EDGE_LINE = "allowed: two whole numbers, follower and followee"
_NEWLINE, _COMMA, _ZERO = 10, 44, 48


class _Links(NamedTuple):
    """Pairs as they stand in the file, shapes (m,)."""

    follower: I64
    followee: I64


def load_graph(path: str | Path) -> tuple[Graph, I64]:
    """The graph in an edge list or `.mtx` file, and the file's own id of each user, ascending, shape (n,).

    An edge list has one `follower followee` a line, separated by spaces, tabs or one comma; empty lines and lines
    starting with # or % are skipped, and one header line of words is allowed. In a MatrixMarket file (known by its
    first line or its name) entry (i, j) says that i follows j; symmetric files give both directions. Only users of
    some link are kept, numbered 0..n-1 by ascending id; self-loops and duplicates are dropped.

    Raises:
        InvalidGraph: cannot be opened or unpacked, a line that is not as above, or no link between two users.
    """
    path = Path(path)
    text = _contents(path)
    links = _matrix(path, text) if text.startswith(_BANNER) or _is_mtx(path) else _edge_list(path, text)
    if not np.any(links.follower != links.followee):
        raise InvalidGraph(f"{path}: no link between two users; {_EDGE_LINE} on each line.")
    labels, dense = np.unique(np.concatenate(links), return_inverse=True)
    m = len(links.follower)
    return Graph.from_edges(len(labels), dense[:m], dense[m:]), labels


def _contents(path: Path) -> bytes:
    """The file's bytes, unpacked if they are gzip."""
    try:
        data = path.read_bytes()
        if data.startswith(_GZIP_MAGIC):
            data = gzip.decompress(data)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise InvalidGraph(f"{path}: the gzip data is damaged ({error}).") from error
    except OSError as error:
        raise InvalidGraph(f"{path}: cannot be read ({error.strerror or error}).") from error
    return data.removeprefix(_BOM)


def _is_mtx(path: Path) -> bool:
    return path.name.removesuffix(".gz").endswith(".mtx")


def _edge_list(path: Path, text: bytes) -> _Links:
    body, number = _skip_comments(text, 0, 1)
    line, _, rest = body.partition(b"\n")
    if _is_header(line):
        body, number = _skip_comments(rest, 0, number + 1)
    pairs = _bulk(body)
    if pairs is None:
        pairs = _pairs((at, _two_ids(path, at, fields)) for at, fields in _lines(body, number))
    return _Links(pairs[0::2], pairs[1::2])


def _skip_comments(text: bytes, start: int, number: int) -> tuple[bytes, int]:
    """What follows the leading comments and empty lines, and the number of its first line."""
    while start < len(text):
        end = text.find(b"\n", start)
        end = len(text) if end < 0 else end
        line = text[start:end].strip()
        if line and line[:1] not in b"#%":
            break
        start, number = end + 1, number + 1
    return text[start:], number


def _is_header(line: bytes) -> bool:
    """Whether every field starts like a word."""
    fields = line.replace(b",", b" ").split()
    return bool(fields) and all(field.strip(b"\"'")[:1].isalpha() or field[:1] == b"_" for field in fields)


def _lines(body: bytes, number: int) -> Iterator[tuple[int, list[bytes]]]:
    """Line number and fields of every line that is neither empty nor a comment.

    A comma is one separator, so that nothing between two commas is an (empty, hence malformed) field.
    """
    for at, line in enumerate(body.split(b"\n"), number):
        line = line.strip()
        if line and line[:1] not in b"#%":
            yield at, [word for part in line.split(b",") for word in part.split() or [b""]]


def _pairs(lines: Iterator[tuple[int, tuple[int, int]]]) -> I64:
    """All the pairs, flat."""
    return np.array([pair for _, pair in lines], dtype=np.int64).reshape(-1)


def _two_ids(path: Path, number: int, fields: list[bytes]) -> tuple[int, int]:
    if len(fields) != 2:
        raise _malformed(path, number, f"{len(fields)} field{'s'[: len(fields) != 1]}", _EDGE_LINE)
    return _whole(path, number, fields[0], _EDGE_LINE), _whole(path, number, fields[1], _EDGE_LINE)


def _whole(path: Path, number: int, field: bytes, allowed: str) -> int:
    if not field.isdigit() or len(field.lstrip(b"0")) > _MAX_DIGITS:
        shown = field[:20].decode("ascii", "backslashreplace")
        raise _malformed(path, number, f"{shown!r} is not a whole number of at most {_MAX_DIGITS} digits", allowed)
    return int(field)


def _malformed(path: Path, number: int, reason: str, allowed: str) -> InvalidGraph:
    return InvalidGraph(f"{path}, line {number}: {reason}; {allowed}.")


def _bulk(body: bytes) -> I64 | None:
    """All numbers of the body, if it is nothing but two numbers a line; None if it has to be read line by line."""
    data: U8 = np.frombuffer(body, dtype=np.uint8)
    digit = data - np.uint8(_ZERO) < 10  # unsigned: what is below "0" wraps round to far above 9
    plain = digit | (data == 32) | (data - np.uint8(9) < 5) | (data == _COMMA)
    if not len(data) or not plain.all():
        return None
    edge = np.flatnonzero(np.diff(digit, prepend=False, append=False))
    start, end = edge[0::2], edge[1::2]
    if len(start) % 2 or not len(start) or int((end - start).max()) > _MAX_DIGITS:
        return None
    if not _two_a_line(np.flatnonzero(data == _NEWLINE), np.flatnonzero(data == _COMMA), start):
        return None
    return np.fromstring(body.replace(b",", b" "), dtype=np.int64, sep=" ")


def _two_a_line(newlines: I64, commas: I64, start: I64) -> bool:
    """Whether numbers starting at `start` stand two on each line, with at most one comma between and none elsewhere."""
    line, comma = np.searchsorted(newlines, start), np.searchsorted(commas, start)
    together = (line[0::2] == line[1::2]) & (comma[1::2] - comma[0::2] <= 1)
    apart = (line[2::2] > line[1:-1:2]) & (comma[2::2] == comma[1:-1:2])
    return bool(together.all() and apart.all() and comma[0] == 0 and comma[-1] == len(commas))


def _matrix(path: Path, text: bytes) -> _Links:
    """MatrixMarket in coordinate form; values, if there are any, are not looked at.

    Source: https://math.nist.gov/MatrixMarket/formats.html
    """
    banner, _, rest = text.partition(b"\n")
    words = banner.lower().split()
    known = len(words) == 5 and words[1:3] == [b"matrix", b"coordinate"]
    symmetry = words[4] if known else b""
    if not known or words[3] not in (b"pattern", b"integer", b"real") or symmetry not in (b"general", b"symmetric"):
        allowed = "allowed: %%MatrixMarket matrix coordinate pattern|integer|real general|symmetric"
        raise _malformed(path, 1, "not a MatrixMarket matrix that can be a follow graph", allowed)
    body, number = _skip_comments(rest, 0, 2)
    size_line, _, entries = body.partition(b"\n")
    size = _numbers(path, number, size_line.split(), 3, "allowed: rows, columns and entries, three whole numbers")
    flat = _bulk(entries) if words[3] == b"pattern" else None
    if flat is None or flat.min() < 1 or flat[0::2].max() > size[0] or flat[1::2].max() > size[1]:
        width = 2 if words[3] == b"pattern" else 3
        flat = _pairs((at, _entry(path, at, fields, width, size)) for at, fields in _lines(entries, number + 1))
    if len(flat) != 2 * size[2]:
        raise _malformed(path, number, f"{size[2]} entries announced, {len(flat) // 2} found", "allowed: equal numbers")
    row, column = flat[0::2], flat[1::2]
    if symmetry == b"symmetric":
        row, column = np.concatenate([row, column]), np.concatenate([column, row])
    return _Links(row, column)


def _numbers(path: Path, number: int, fields: list[bytes], count: int, allowed: str) -> list[int]:
    if len(fields) != count:
        raise _malformed(path, number, f"{len(fields)} field{'s'[: len(fields) != 1]}", allowed)
    return [_whole(path, number, field, allowed) for field in fields]


def _entry(path: Path, number: int, fields: list[bytes], width: int, size: list[int]) -> tuple[int, int]:
    """Row and column of one entry, 1-based as they stand."""
    allowed = f"allowed: row (1 to {size[0]}) and column (1 to {size[1]})" + (" and a value" if width == 3 else "")
    if len(fields) != width:
        raise _malformed(path, number, f"{len(fields)} field{'s'[: len(fields) != 1]}", allowed)
    row, column = _numbers(path, number, fields[:2], 2, allowed)
    if not (1 <= row <= size[0] and 1 <= column <= size[1]):
        raise _malformed(path, number, f"entry ({row}, {column}) lies outside the matrix", allowed)
    return row, column
