"""Numbers and entities as candidates write them: "500M", "5k/s", "0.5", "80 %", "User: id, name"."""

import re
from collections.abc import Callable, Mapping
from typing import Literal

from engine.errors import InvalidInput
from lessons.estimates.numbers import Unit, read_number
from lessons.estimates.shown import digits, short
from lessons.estimates.shown import shown as in_unit
from lessons.interview.units import FIGURES

Measure = Literal["count", "per_day", "per_s", "seconds", "ms", "share", "load", "times", "kb", "gb"]
"""In which a number of the sheet is kept. `share`: of one, 0 to 1; `load`: the same, and it may be more than one."""
MOST = 1e18
_SUCH_AS: Mapping[str, str] = {
    "count": "7M, 1,000 or 3 million", "per_day": "7M, 3 billion or 2k/s", "per_s": "2k/s, 7,000 or 3M/min",
    "seconds": "5 s, 2 min or 0.5", "ms": "70, 700 ms or 1.5 s", "share": "0.5 or 50 %",
    "load": "0.5 or 50 %", "times": "7, 7x or 2.5", "kb": "1, 300 bytes or 2 KB", "gb": "70, 700 GB or 1.5 TB",
}  # fmt: skip
_DAY_S = 86_400.0
_ZERO = re.compile(r"^0+(?:[.,]0+)?(?![\d.,])\s*(.*)$")
_BY_UNIT: Mapping[str, Measure] = {
    "share": "share", "ms": "ms", "s": "seconds", "s of work": "seconds", "x": "times", "pairs/s": "per_s",
    "reads/s": "per_s",
}  # fmt: skip
_MOST_ENTITIES, _MOST_FIELDS, _LONGEST_NAME = 40, 40, 60
_ENTITY = re.compile(r"^\s*[-*•]?\s*([^:()]+?)\s*(?:[:(]\s*(.*?)\)?)?\s*[.;]?\s*$")


def such_as(measure: Measure) -> str:
    """Examples of what is understood."""
    return _SUCH_AS[measure]


def read(text: str, measure: Measure) -> float:
    """What somebody wrote, in `measure`; a number that names no unit of its own is in it already.

    Raises:
        InvalidInput: no number from 0 up to 10^18, of another unit, or a share above one; says what is allowed.
    """
    said = " ".join(text.split())
    zero = _ZERO.match(said)
    try:
        value = 0.0 * _READERS[measure](f"1 {zero[1]}".strip()) if zero else _READERS[measure](said)
    except InvalidInput:
        value = -1.0
    if not 0 <= value <= MOST:
        raise InvalidInput(f"{_cut(said)!r} is not understood; allowed: such as {_SUCH_AS[measure]}.")
    if measure == "share" and value > 1:
        raise InvalidInput(f"{_cut(said)!r} is more than all; allowed: 0 to 1, or 0 % to 100 %.")
    return value


def shown(value: float, measure: Measure, noun: str = "") -> str:
    """How a number was understood, with its unit: "500M posts a day", "350k copies/s", "200 ms", "70 %"."""
    if measure in ("share", "load"):
        return f"{digits(100 * value, 6)} % {noun}".strip()
    if measure == "ms":
        return f"{short(value)} ms" if value < 10_000 else f"{digits(value / 1000)} s"
    if measure == "seconds":
        return in_unit(value, "seconds") if value else "0 s"
    if measure in ("kb", "gb"):
        return in_unit(value * (1e3 if measure == "kb" else 1e9), "bytes")
    if measure == "times":
        return f"{digits(value)} times {noun}".strip()
    if measure == "per_s":
        return in_unit(value, "per_s", noun)
    return f"{short(value)} {noun}".strip() + (" a day" if measure == "per_day" else "")


def written(value: float, measure: Measure) -> str:
    """A short text that `read` takes for exactly this number."""
    for text in (f"{short(value)}", f"{value:,.15g}", f"{value:.15g}"):
        if _same(text, value, measure):
            return text
    return repr(float(value))


def measure_of(unit_or_figure: str) -> Measure:
    """In which a figure of a run, or a unit, is written down."""
    return _BY_UNIT.get(FIGURES.get(unit_or_figure, unit_or_figure), "count")


def unit_of(measure: Measure, noun: str = "") -> str:
    """The unit that a bare number is in, with what is counted: "posts a day", "copies/s", "ms"."""
    per = {"per_day": f"{noun} a day", "per_s": f"{noun}/s" if noun else "a second"}
    bare = {"seconds": "s", "ms": "ms", "share": "0 to 1, or %", "load": "0 to 1, or %", "times": f"times {noun}"}
    return (per | bare | {"kb": "kB", "gb": "GB"}).get(measure, noun).strip()


def read_entities(text: str) -> dict[str, tuple[str, ...]]:
    """Entities and their fields, one entity a line: "User: id, name" or "User(id, name)"; names are the writer's own.

    Raises:
        InvalidInput: a line without a name, a name that stands twice or is too long, or too many; names the line.
    """
    found: dict[str, tuple[str, ...]] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        parts = _ENTITY.match(line)
        if parts is None or not parts[1]:
            raise InvalidInput(f"Line {number} has no entity; allowed: a name and its fields, such as User: id, name.")
        fields = tuple(one for each in (parts[2] or "").split(",") if (one := " ".join(each.split())))
        names = (parts[1], *fields)
        long = next((one for one in names if len(one) > _LONGEST_NAME), None)
        if long is not None:
            raise InvalidInput(f"Line {number}: {_cut(long)!r} is too long; allowed: up to {_LONGEST_NAME} characters.")
        if parts[1] in found:
            raise InvalidInput(f"Line {number}: {_cut(parts[1])!r} stands there twice; allowed: each entity once.")
        if len(fields) > _MOST_FIELDS or len(found) >= _MOST_ENTITIES:
            raise InvalidInput(
                f"Line {number} is too much; allowed: {_MOST_ENTITIES} entities with {_MOST_FIELDS} fields each."
            )
        found[parts[1]] = fields
    return found


def written_entities(entities: Mapping[str, tuple[str, ...]]) -> str:
    """A text that `read_entities` takes for these."""
    return "\n".join(f"{name}: {', '.join(fields)}".removesuffix(": ") for name, fields in entities.items())


def _same(text: str, value: float, measure: Measure) -> bool:
    try:
        return read(text, measure) == value
    except InvalidInput:
        return False


def _cut(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:39]}…"


def _in(unit: Unit) -> Callable[[str], float]:
    return lambda text: read_number(text, unit)


def _bare(text: str) -> bool:
    """Whether it is a number without a word behind it."""
    return re.fullmatch(r"[\d.,_'’ ]+(?:[eE][+-]?\d+)?", text) is not None


def _ms(text: str) -> float:
    return read_number(text, "count") if _bare(text) else 1000 * read_number(text, "seconds")


def _bytes(size: float) -> Callable[[str], float]:
    """A bare number counts pieces of `size` bytes; one with a unit says it itself."""

    def reader(text: str) -> float:
        return read_number(text, "count") if _bare(text) else read_number(text, "bytes") / size

    return reader


def _per_day(text: str) -> float:
    text = re.sub(r"\s*(?:/\s*d(?:ay)?|per day|an? day|each day|daily)$", "", text, flags=re.IGNORECASE)
    try:
        return read_number(text, "count")
    except InvalidInput:
        return read_number(text, "per_s") * _DAY_S


def _share(text: str) -> float:
    percent = re.fullmatch(r"(.*?)\s*(?:%|percent|per cent)", text, re.IGNORECASE)
    return round(read_number(percent[1], "count") / 100, 14) if percent else read_number(text, "count")


def _times(text: str) -> float:
    return read_number(re.sub(r"\s*(?:x|×|times|fold|-fold)$", "", text, flags=re.IGNORECASE), "count")


_READERS: Mapping[str, Callable[[str], float]] = {
    "count": _in("count"), "per_day": _per_day, "per_s": _in("per_s"), "seconds": _in("seconds"), "ms": _ms,
    "share": _share, "load": _share, "times": _times, "kb": _bytes(1e3), "gb": _bytes(1e9),
}  # fmt: skip
