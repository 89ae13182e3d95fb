"""A strategy of one's own, from source code: loaded, and watched at every answer.

This runs the code in this very process. That is for people on their own machine; for anybody else's code there is
engine/own_strategy. What goes wrong in it comes back as one sentence with its own line, never with lines of ours.
"""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar, NamedTuple, Self

import numpy as np

from engine.config import WorldConfig
from engine.domain import F64, I32, Bool
from engine.errors import OwnCodeFailed
from engine.write_path.strategies.base import Members, Rates, Seen, Strategy, Writers

_SPEC = re.compile(r"(?P<file>.+\.py):(?P<name>[A-Za-z_]\w*)(?::(?P<params>.*))?$")
_MOST_CHARACTERS = 100_000
_LEAST_LATER_NS = 500_000_000
_LEAST_KEEP_NS = 200_000_000
"""No shorter than a segment: as of the knobs that ours have for these."""
_KEPT_ANSWERS = 100_000


class OwnSpec(NamedTuple):
    """`FILE.py:Class[:param=value,...]` in its parts."""

    file: str
    name: str
    params: str

    @property
    def slug(self) -> str:
        """As a configuration names it."""
        return f"{self.file}:{self.name}"


def own_spec(spec: str) -> OwnSpec | None:
    """The parts of a specification that names a class in a file; None if it does not."""
    found = _SPEC.match(spec)
    return OwnSpec(found["file"], found["name"], found["params"] or "") if found else None


def read_source(file: str) -> str:
    """The text of a file of Python.

    Raises:
        OwnCodeFailed: there is none that can be read, or it is too long.
    """
    try:
        text = Path(file).read_text()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else "it is not text"
        raise OwnCodeFailed(f"{file} cannot be read: {reason}.") from None
    if len(text) > _MOST_CHARACTERS:
        raise OwnCodeFailed(f"{file} has {len(text):,} characters; allowed: up to {_MOST_CHARACTERS:,}.")
    return text


class OwnClass:
    """A class of somebody's own, ready to be made for a configuration."""

    def __init__(self, source: str, file: str, name: str | None = None) -> None:
        """`name`: of the class; without it the source must define exactly one strategy.

        Raises:
            OwnCodeFailed: the source is no Python, fails when it is run, or does not define the class.
        """
        self.file = file
        self._space: dict[str, Any] = {"__name__": "own_strategy", "__file__": file}
        self.guard(None, lambda: exec(compile(source, file, "exec", dont_inherit=True), self._space))
        self.type = self._chosen(name)

    def _chosen(self, name: str | None) -> type[Strategy]:
        ours = {
            key: value
            for key, value in self._space.items()
            if isinstance(value, type) and issubclass(value, Strategy) and value.__module__ == "own_strategy"
        }
        if name is None and len(ours) == 1:
            return next(iter(ours.values()))
        if name in ours:
            return ours[name]
        wanted = "one strategy" if name is None else f"a strategy {name}"
        there = ", ".join(ours) or "none"
        raise OwnCodeFailed(f"{self.file} does not define {wanted} (a class that inherits Strategy); it has: {there}.")

    def made_for(self, config: WorldConfig) -> "OwnStrategy":
        """The strategy, with its parameters.

        Raises:
            OwnCodeFailed: it cannot be made.
        """
        return OwnStrategy(self, self.guard("of", lambda: self.type.of(config)))

    def guard(self, method: str | None, ask: Callable[[], Any]) -> Any:
        """What the code answers; what it raises as one sentence with its own line."""
        try:
            return ask()
        except OwnCodeFailed:
            raise
        except (Exception, SystemExit) as error:
            line = line_of(error, self.file)
            raise OwnCodeFailed(f"{self.at(line, method)}: {_said(error)}", line) from None

    def at(self, line: int | None, method: str | None) -> str:
        """'my.py, line 7, in pushes'."""
        where = self.file if line is None else f"{self.file}, line {line}"
        return where if method is None else f"{where}, in {method}"

    def line_of(self, method: str) -> int | None:
        """Where the class defines a method; None where it inherits it."""
        code = getattr(getattr(self.type, method, None), "__code__", None)
        return code.co_firstlineno if code is not None and code.co_filename == self.file else None


def line_of(error: BaseException, file: str) -> int | None:
    """The innermost line of a file in which an error arose."""
    if isinstance(error, SyntaxError) and error.filename == file:
        return error.lineno
    line, trace = None, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == file:
            line = trace.tb_lineno
        trace = trace.tb_next
    return line


def _said(error: BaseException) -> str:
    if isinstance(error, MemoryError):
        return "it needs more memory than there is for it."
    if isinstance(error, ValueError) and "read-only" in str(error):
        return "it changes what it was asked about; make a copy first."
    text = str(error.msg if isinstance(error, SyntaxError) else error).strip().partition("\n")[0][:300]
    return f"{type(error).__name__}{': ' if text else ''}{text.rstrip('.')}."


class OwnStrategy(Strategy):
    """Asks the code, and hands on only answers of the right kind; what it is given it cannot change."""

    slug: ClassVar[str] = "own"

    def __init__(self, own: OwnClass, inner: Strategy) -> None:
        self._own, self._inner = own, inner
        if not isinstance(inner, Strategy):
            raise OwnCodeFailed(f"{own.file}: of() made {type(inner).__name__}; expected a strategy.")
        kind = type(inner)
        self.slug = f"{own.file}:{kind.__name__}"  # type: ignore[misc]
        self.title = str(getattr(inner, "title", kind.__name__))[:60]  # type: ignore[misc]
        doc = (kind.__doc__ or "").strip().partition("\n")[0]
        self.idea = str(getattr(inner, "idea", doc or "A strategy of somebody's own."))[:300]  # type: ignore[misc]
        self.lossy, self.by_edge = bool(inner.lossy), bool(inner.by_edge)  # type: ignore[misc]
        self.watches = bool(inner.watches)  # type: ignore[misc]
        self.keep_ns, self.later_ns = self._span("keep_ns", _LEAST_KEEP_NS), self._span("later_ns", _LEAST_LATER_NS)
        self.answers: list[tuple[str, int]] = []
        """(method, hash of what it answered) in order, of the first ones: equal runs have equal answers."""

    @classmethod
    def of(cls, config: WorldConfig) -> Self:
        raise NotImplementedError

    def _span(self, name: str, least_ns: int) -> int:
        value = getattr(self._inner, name)
        if isinstance(value, (int, np.integer)) and (value == 0 or value >= least_ns):
            return int(value)
        raise OwnCodeFailed(
            f"{self._own.file}: {name} is {value!r}; allowed: 0, or a whole number of nanoseconds from {least_ns:,} on."
        )

    def pushes(self, posts: Writers) -> Bool:
        return self._ask("pushes", (len(posts.author),), "post", posts)

    def holds_list(self, members: Members) -> Bool:
        return self._ask("holds_list", (len(members.user),), "user", members)

    def pulls(self, last_unpushed: I32, floor: I32) -> Bool:
        return self._ask("pulls", (len(floor),), "pair of a reader and a followee", last_unpushed, floor)

    def reaches(self, posts: Writers, reads_per_s: F64) -> Bool:
        shape = (len(posts.author), len(reads_per_s))
        return self._ask("reaches", shape, "post and class of readers", posts, reads_per_s)

    def keeps(self, follows: I32, chance: F64) -> Bool:
        return self._ask("keeps", (len(follows),), "copy", follows, chance)

    def meet(self, rates: Rates) -> None:
        self._own.guard("meet", lambda: self._inner.meet(_sealed(rates)))

    def observe(self, seen: Seen) -> None:
        self._own.guard("observe", lambda: self._inner.observe(_sealed(seen)))

    def _ask(self, method: str, shape: tuple[int, ...], each: str, *about: Any) -> Bool:
        sealed = [_sealed(part) for part in about]
        answer = self._own.guard(method, lambda: getattr(self._inner, method)(*sealed))
        if not isinstance(answer, np.ndarray) or answer.dtype != np.bool_ or answer.shape != shape:
            line = self._own.line_of(method)
            got = f"{answer.dtype} of shape {answer.shape}" if isinstance(answer, np.ndarray) else _short(answer)
            expected = f"a numpy array of bool of shape {shape}, one for each {each}"
            raise OwnCodeFailed(f"{self._own.at(line, method)}: it answers {got}; expected {expected}.", line)
        own: Bool = np.array(answer)  # theirs may change later
        if len(self.answers) < _KEPT_ANSWERS:
            self.answers.append((method, hash(own.tobytes())))
        return own


def _short(answer: object) -> str:
    return "nothing" if answer is None else type(answer).__name__


def _sealed(value: Any) -> Any:
    """A copy that refuses to be written to."""
    if isinstance(value, np.ndarray):
        copy = value.copy()
        copy.flags.writeable = False
        return copy
    return type(value)._make(_sealed(part) for part in value) if hasattr(value, "_make") else value


__all__ = ["OwnClass", "OwnSpec", "OwnStrategy", "line_of", "own_spec", "read_source"]
