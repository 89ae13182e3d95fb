"""The process that answers one query, and can do nothing else. It is run as a script, on its own: no engine in it.

stdin: JSON {"snapshot", "sql", "rows", "bytes", "cell", "cpu_s", "memory_bytes"}. On the descriptor that its argument
names it writes a new line when the query is about to run, then one JSON object: an answer {"columns", "rows",
"truncated"}, or a sentence under "refused", "failed" or "stopped".

What holds it, from the outside in: its parent's clock and kill; limits of processor time, memory and file size; no
descriptor is left to open a file or a socket with; DuckDB itself on a read-only copy, without outside access, with its
settings locked; and of SQL only a SELECT or EXPLAIN over the learners' own tables.
"""

import json
import os
import re
import resource
import sys
from typing import Any

import duckdb

Json = dict[str, Any]

_SETTINGS = {
    "memory_limit": "256MB",
    "max_temp_directory_size": "0KB",
    "temp_directory": "",
    "secret_directory": "",
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "allow_community_extensions": False,
    "python_enable_replacements": False,
    "enable_external_access": False,
    "lock_configuration": True,
}
"""In this order: each of the last two forbids what those before it do."""
_ALL_KINDS_OF_VALUES = (
    "SELECT 1, 1.5::DOUBLE, 1.5::DECIMAL(4, 1), 'a', true, null, DATE '2020-01-01', TIME '10:00', "
    "TIMESTAMP '2020-01-01', INTERVAL 1 DAY, uuid(), [1], {'a': 1}, MAP {'a': 1}, 1::HUGEINT, 'a'::BLOB, '{}'::JSON"
)
_TABLE_FUNCTIONS = {"range", "generate_series", "unnest", "json_each", "json_tree", "repeat_row"}
"""Tables that are made of nothing but their arguments."""
_SYSTEM = ("duckdb_", "pragma_", "pg_", "sqlite_")
_FUNCTIONS = {"current_setting", "getvariable", "write_log", "setval", "nextval", "setseed"}
_SPACE = r"(?:\s|--[^\n]*\n|/\*.*?\*/)*"
_EXPLAIN = re.compile(_SPACE + r"EXPLAIN(\s+ANALYZE)?\b", re.IGNORECASE | re.DOTALL)
_OPTIONS = re.compile(_SPACE + r"\(" + _SPACE + r"(?:ANALYZE|FORMAT)\b", re.IGNORECASE | re.DOTALL)
_FIRST_WORD = re.compile(_SPACE + r"(\w+)", re.DOTALL)
_KIND_OF_ERROR = re.compile(r"^[A-Z][A-Za-z ]* Error: ")
_WITH_ZONE = "WITH TIME ZONE"


class Refused(Exception):
    """A query that is not run, and why."""


def main(answer_fd: int) -> None:
    """Answer the query on stdin, on this descriptor."""
    asked = json.load(sys.stdin)
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_FSIZE, 0)
    _limit(resource.RLIMIT_CPU, asked["cpu_s"])
    connection = connect(asked["snapshot"])
    connection.execute(_ALL_KINDS_OF_VALUES).fetchall()  # Python's modules for them can be loaded now, and only now
    _limit(resource.RLIMIT_AS, _address_space() + asked["memory_bytes"])
    _limit(resource.RLIMIT_NOFILE, 0)  # what is open stays open; nothing more can be opened, no file and no socket
    os.write(answer_fd, b"\n")
    left = memoryview(json.dumps(answer(connection, asked)).encode())
    while left:
        left = left[os.write(answer_fd, left) :]
    os._exit(0)  # nothing is left to tidy up, and no limit can be in the way of it


def connect(snapshot: str) -> duckdb.DuckDBPyConnection:
    """A connection that can read this file, and nothing else; its settings cannot be changed any more."""
    connection = duckdb.connect(snapshot, read_only=True, config={"threads": 1})
    for name, value in _SETTINGS.items():
        connection.execute(f"SET {name} = {str(value).lower() if isinstance(value, bool) else repr(value)}")
    return connection


def answer(connection: duckdb.DuckDBPyConnection, asked: Json) -> Json:
    """What is said on stdout."""
    try:
        sql = _checked(connection, asked["sql"])
        return _rows(connection.execute(sql), asked)
    except Refused as refusal:
        return {"refused": str(refusal)}
    except (MemoryError, duckdb.OutOfMemoryException):
        return {"stopped": "memory"}
    except RecursionError:
        return {"refused": "The query is nested too deeply."}
    except duckdb.PermissionException:
        return {"refused": "A query sees the history's own tables only: no file, no network, no setting."}
    except duckdb.Error as error:
        return {"failed": _one_sentence(str(error), asked["snapshot"])}


def _checked(connection: duckdb.DuckDBPyConnection, sql: str) -> str:
    """The query as it will be run; DuckDB's own parser says what it is.

    Raises:
        Refused: it is not one SELECT or EXPLAIN, or it names what is not the history's.
    """
    statements = connection.extract_statements(sql)
    if not statements:
        raise Refused("There is no query here but comments; ask one SELECT or EXPLAIN.")
    if len(statements) > 1:
        raise Refused(f"Ask one query at a time; these are {len(statements)}.")
    statement = statements[0]
    kind = statement.type.name
    if kind not in ("SELECT", "EXPLAIN"):
        first = _FIRST_WORD.match(statement.query)
        raise Refused(f"Only SELECT and EXPLAIN are allowed here, not {first[1].upper() if first else kind}.")
    text, explain = statement.query, ""
    if kind == "EXPLAIN":
        found = _EXPLAIN.match(text)
        if found is None or _OPTIONS.match(text, found.end()):
            raise Refused("Write EXPLAIN or EXPLAIN ANALYZE, without options, and then one SELECT.")
        text, explain = text[found.end() :], f"EXPLAIN {found.group(1) or ''} "
    _check_tree(_tree(connection, text))
    return explain + text


def _tree(connection: duckdb.DuckDBPyConnection, select: str) -> Json:
    (text,) = connection.execute("SELECT json_serialize_sql(?::VARCHAR)", [select]).fetchone() or ("{}",)
    tree: Json = json.loads(text)
    if tree.get("error") or len(tree["statements"]) != 1:
        raise Refused("Only a SELECT can be asked or explained here.")
    return tree


def _check_tree(tree: Json) -> None:
    """Walk what was parsed; without recursion, so that depth costs nothing."""
    waiting: list[Any] = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, list):
            waiting.extend(node)
        elif isinstance(node, dict):
            _check_node(node)
            waiting.extend(node.values())


def _check_node(node: Json) -> None:
    kind = node.get("type")
    if isinstance(kind, str) and kind.endswith("_QUERY_NODE"):
        raise Refused("A query cannot change anything: no INSERT, UPDATE or DELETE inside it.")
    if kind == "BASE_TABLE" and node["table_name"].lower().startswith(_SYSTEM):
        raise Refused(f"The table {node['table_name']} is not part of the history; `columns` says what is.")
    if kind == "TABLE_FUNCTION":
        name = node["function"].get("function_name", "").lower()
        if name not in _TABLE_FUNCTIONS:
            raise Refused(f"{name}() cannot be asked here: a query sees the history's own tables only.")
    if kind == "FUNCTION" and (
        node["function_name"].lower() in _FUNCTIONS or node["function_name"].lower()[:3] == "pg_"
    ):
        raise Refused(f"The function {node['function_name']}() is not allowed here.")


def _rows(cursor: duckdb.DuckDBPyConnection, asked: Json) -> Json:
    zoned = [name for name, kind, *_ in cursor.description if _WITH_ZONE in str(kind)]
    if zoned:
        raise Refused(f"Column {zoned[0]!r} is a time with a zone; write {zoned[0]}::TIMESTAMP.")
    rows: list[list[object]] = []
    size, truncated = 0, False
    while (row := cursor.fetchone()) is not None:
        cells = [_cell(value, asked["cell"]) for value in row]
        size += sum(len(str(cell)) for cell in cells)
        if len(rows) == asked["rows"] or size > asked["bytes"]:
            truncated = True
            break
        rows.append(cells)
    return {"columns": [name for name, *_ in cursor.description], "rows": rows, "truncated": truncated}


def _cell(value: object, most: int) -> object:
    if value is None or isinstance(value, bool | int | float):
        return value
    text = value if isinstance(value, str) else str(value)
    return text if len(text) <= most else text[:most] + "…"


def _one_sentence(text: str, snapshot: str) -> str:
    """What DuckDB says, without its drawing of the query, without places and quietly."""
    lines = []
    for line in text.strip().splitlines():
        if not line.strip() or line.startswith("LINE "):
            break
        lines.append(line.strip())
    said = _KIND_OF_ERROR.sub("", " ".join(lines)).replace(snapshot, "the history").replace("! ", ". ")
    said = said.replace(os.path.dirname(snapshot), "")[:400].rstrip("!.")
    return f"DuckDB says: {said}{'' if said.endswith('?') else '.'}"


def _limit(what: int, most: int) -> None:
    resource.setrlimit(what, (most, most))


def _address_space() -> int:
    """Of this process now, in bytes."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[0]) * resource.getpagesize()


if __name__ == "__main__":
    main(int(sys.argv[1]))
