"""What the grader asks of whoever reads free text, and the texts of one transcript as they were read."""

from dataclasses import dataclass, replace
from importlib import import_module
from typing import Any, Literal, NamedTuple, Protocol

from lessons.interview.transcript import Transcript

STEPS = range(1, 8)
PATTERN_OF = {1: "1f", 3: "3b", 5: "5a", 6: "6c"}
"""A pattern that the text of a step is held against."""


class Judged(NamedTuple):
    """What a text is worth as a reason. `unread`: the text is in no language that was read, so nothing was decided;
    `copied`: it repeats what the school says, so it counts for nothing."""

    credit: float
    quote: str | None = None
    confident: bool = True
    unread: bool = False
    copied: bool = False


class Reader(Protocol):
    """Reads free text by rules; the same text gives the same answer."""

    @property
    def version(self) -> str:
        """Of its tables."""

    def read(self, text: str) -> Any:
        """A text, read; only this reader knows what is in it."""

    def judge(self, pattern: str, read: Any, strategy: str) -> Judged:
        """Whether a text satisfies the pattern of a criterion, for a candidate who configured this strategy."""

    def unread(self, read: Any) -> tuple[str, ...]:
        """The parts of a text that could not be read, in its words."""


class NoReader:
    """Where nothing can read: every text is unread, so nothing is lost by what was written, and nothing gained."""

    version = "none"

    def read(self, text: str) -> str:
        """The text itself."""
        return text

    def judge(self, pattern: str, read: str, strategy: str) -> Judged:
        """Undecided."""
        return Judged(0.0, None, False, bool(read.strip()))

    def unread(self, read: str) -> tuple[str, ...]:
        """All of it."""
        return (read,) if read.strip() else ()


class ByRules:
    """The reader of lessons/interview/reading."""

    def __init__(self) -> None:
        self._reading = import_module("lessons.interview.reading")
        self._patterns = self._reading.patterns()

    @property
    def version(self) -> str:
        """The digest of its tables."""
        return str(self._reading.digest())[:12]

    def read(self, text: str) -> Any:
        """As `reading.read`, with all that the school says as what may not be repeated."""
        return self._reading.read(text, self._reading.school())

    def judge(self, pattern: str, read: Any, strategy: str) -> Judged:
        """As `reading.credit`. What is missing in a text of which less than half was read is not sure to be missing."""
        found = self._reading.credit(self._patterns[pattern], read, strategy)
        missed = sum(one.span[1] - one.span[0] for one in read.unread)
        sure = found.confidence == "high" and (found.value == 1 or missed <= len(read.text) / 2)
        quote = found.quotes[0] if found.quotes else None
        return Judged(float(found.value), quote, sure, bool(read.foreign), bool(read.copied))

    def unread(self, read: Any) -> tuple[str, ...]:
        """The clauses in which nothing was found."""
        return tuple(read.text[slice(*one.span)] for one in read.unread)


def default_reader() -> Reader:
    """The reader by rules; `NoReader` where it is not installed."""
    try:
        return ByRules()
    except ImportError:
        return NoReader()


Doubt = Literal["none", "withdrawn", "granted"]
"""What is done with decisions of low confidence: left as they are, gains withdrawn, losses granted."""


class _Memory:
    """What was read and judged once is not read again: three levels and three kinds of doubt ask for the same."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self._read: dict[str, Any] = {}
        self._judged: dict[tuple[str, str, str], Judged] = {}

    def read(self, text: str) -> Any:
        if text not in self._read:
            self._read[text] = self.reader.read(text)
        return self._read[text]

    def judge(self, pattern: str, text: str, strategy: str) -> Judged:
        key = (pattern, text, strategy)
        if key not in self._judged:
            self._judged[key] = self.reader.judge(pattern, self.read(text), strategy)
        return self._judged[key]


@dataclass(frozen=True)
class Reading:
    """The free texts of one transcript, each read once, for all criteria."""

    strategy: str
    texts: tuple[str, ...]
    """One for each step."""
    memory: _Memory
    doubt: Doubt = "none"
    lead: str = ""
    """What an answer goes on from, as its question has it: read with the answer, and never quoted."""

    @classmethod
    def of(cls, transcript: Transcript, reader: Reader) -> "Reading":
        """The texts of a transcript."""
        strategy = transcript.steps.s3.structured.strategy or "other"
        return cls(strategy, tuple(transcript.steps.text(step) for step in STEPS), _Memory(reader))

    def doubting(self, doubt: Doubt) -> "Reading":
        """The same texts, with another way to take low confidence."""
        return replace(self, doubt=doubt)

    def answered(self, step: int, text: str, lead: str = "") -> "Reading":
        """With an answer to the interviewer in the place of a step's text. Apart from it, because a claim and its
        opposite in one text would void each other."""
        return replace(self, texts=(*self.texts[: step - 1], f"{lead}{text}", *self.texts[step:]), lead=lead)

    def reason(self, pattern: str) -> Judged:
        """What the text of a criterion's step is worth as its reason."""
        text = self.texts[int(pattern[0]) - 1]
        if not text.strip():
            return Judged(0.0)
        judged = self.memory.judge(pattern, text, self.strategy)
        if self.lead and judged.quote:
            judged = judged._replace(quote=judged.quote.removeprefix(self.lead) or None)
        if judged.confident and not judged.unread:
            return judged
        if self.doubt == "withdrawn":
            return judged._replace(credit=0.0, quote=None)
        if self.doubt == "granted":
            return judged._replace(credit=1.0)
        return judged

    def unread(self, step: int) -> bool:
        """Whether a step has a text in no language that can be read."""
        text = self.texts[step - 1]
        return bool(text.strip()) and self.memory.judge(PATTERN_OF[step], text, self.strategy).unread

    def unread_parts(self) -> tuple[str, ...]:
        """Of all steps, in order, in the candidate's words."""
        reader = self.memory.reader
        return tuple(part for text in self.texts if text.strip() for part in reader.unread(self.memory.read(text)))
