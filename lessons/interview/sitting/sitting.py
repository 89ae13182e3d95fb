"""One mock interview under way. Whatever changes is on the disk when a method returns; a reload or a process that is
killed loses nothing."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from engine.errors import InvalidInput, UnknownName
from lessons.interview.base import LEVELS, Level, Model
from lessons.interview.measured import Runs
from lessons.interview.rubric import Rubric
from lessons.interview.runs import First, Ran, config_of_change
from lessons.interview.sheet import Steps
from lessons.interview.sitting import acts
from lessons.interview.sitting import events as said
from lessons.interview.sitting.events import EXTRAS, Mode, Phase, Stage, told
from lessons.interview.sitting.export import transcript_of, with_diff
from lessons.interview.sitting.fold import Folded, fold
from lessons.interview.sitting.hints import all_hints
from lessons.interview.sitting.hints import told as hint_told
from lessons.interview.sitting.instructor import Instructor
from lessons.interview.sitting.keeping import Keeping, sync
from lessons.interview.sitting.log import PROCESS, Event, Log, SittingError, Told
from lessons.interview.sitting.state import State, shown_chips, state_of
from lessons.interview.transcript import Answer, Claim, Knobs, Predicted, Transcript

ALIVE_S = 4.0
"""A process that has written nothing for so long says that it lives."""
_FILE = "events.jsonl"
_Decide = Callable[[Folded], Sequence[Told]]


@dataclass(frozen=True)
class Kept:
    """One of the interviews in a folder."""

    id: str
    level: Level
    mode: Mode
    seed: int
    began_at: float
    phase: Phase
    over: bool


class Sitting:
    """One interview: its events in `<folder>/<id>/`, and what may be done.

    Every method that changes something raises NotAllowed where it cannot be done as things stand, InvalidInput for what
    could never be done, and SittingError where the disk does not take it: one sentence each, and nothing was changed.
    """

    def __init__(self, folder: Path, name: str, log: Log) -> None:
        self.folder = folder
        self.id = name
        self._log = log
        self._keeping = Keeping(folder / name / "runs")

    @classmethod
    def begin(
        cls, folder: Path, *, level: Level, mode: Mode, seed: int, now_s: Callable[[], float], extra: float = 1.0,
        language: str | None = None, instructor: Instructor | None = None, process: str = PROCESS,
    ) -> "Sitting":  # fmt: skip
        """A new interview; its clock runs from now on, in step 1.

        `now_s` tells the seconds since 1970, UTC; `extra`: times the usual time; `process` names the process for the
        clock.
        """
        acts.allowed("level", level, LEVELS)
        acts.allowed("mode", mode, ("strict", "practice"))
        acts.allowed("extra time", extra, EXTRAS)
        if isinstance(seed, bool) or not isinstance(seed, int) or not 0 <= seed < 2**63:
            raise InvalidInput(f"The seed is {seed}; allowed: a whole number from 0 to 2 ** 63 - 1.")
        begun = acts.made(
            said.Begun, level=level, mode=mode, seed=seed, extra=float(extra), language=language,
            repeat=any(one.seed == seed for one in kept(folder)),
            instructor=dict(instructor.table) if instructor else None,
        )  # fmt: skip
        name = uuid4().hex[:12]
        try:
            (folder / name).mkdir(parents=True)
            log = Log(folder / name / _FILE, now_s, process)
            log.add(lambda _: [("begun", told(begun))])
            sync(folder / name)
            sync(folder)
        except OSError as failed:
            raise SittingError(f"The interview could not be begun: {failed.strerror or failed}.") from failed
        return cls(folder, name, log)

    @classmethod
    def open(cls, folder: Path, id: str, now_s: Callable[[], float], process: str = PROCESS) -> "Sitting":
        """One that was begun, by whichever process. Nothing is written; `tick` says that this process lives.

        Raises:
            UnknownName: there is none, or nothing of it can be read.
            SittingError: the file cannot be read.
        """
        if not _is_name(id) or not (folder / id / _FILE).is_file():
            raise UnknownName(f"There is no interview {id[:40]!r}.")
        sitting = cls(folder, id, Log(folder / id / _FILE, now_s, process))
        sitting._folded()
        return sitting

    def state(self) -> State:
        """All that is known, as of now.

        Raises:
            UnknownName: its events are gone.
            SittingError: they cannot be read.
        """
        return state_of(self.id, self._folded())

    def rubric(self) -> Rubric:
        """The rubric that it is graded with: the standard one, or the instructor's."""
        return self._folded().rubric

    def tick(self) -> None:
        """The process lives, and the page is looked at. The offer of a narrower question after a silence happens
        here."""
        self._add(lambda state: [one for one in acts.tick(state) if one[0] != "alive" or not self._spoke()])

    def alive(self) -> bool:
        """The process lives, whether or not somebody looks at the page. False once the time is over, or all of it."""
        state = self._folded()
        if state.finished or state.clock >= state.of_s:
            return False
        if not self._spoke():
            self._add(lambda state: [] if state.finished else [("alive", {})])
        return True

    def _spoke(self) -> bool:
        """Whether this process wrote something a moment ago."""
        wrote = [event.at for event in self._log.events()[-50:] if event.by == self._log.process]
        return bool(wrote) and 0 <= self._log.now_s() - wrote[-1] < ALIVE_S

    def write(self, step: int, structured: Model, free_text: str) -> None:
        """The whole sheet of one step. Nothing is written where nothing changed. After the end it is kept beside the
        sheets, and not graded."""
        self._add(lambda state: acts.write(state, step, structured, free_text))

    def go(self, phase: Phase) -> None:
        """Open or reopen a step; "debrief" finishes. A question that stands is not answered then."""
        if phase == "debrief":
            self.finish()
        else:
            self._add(lambda state: acts.go(state, phase))

    def finish_step(self) -> None:
        """Done with this step: a question is asked about it, or the interviewer offers to go on."""
        self._add(acts.finish_step)

    def answer(self, probe_id: str, structured: Answer, free_text: str, outcome: said.Outcome) -> None:
        """Answer the question that stands. With "directed" and nothing else, an open question is asked more narrowly.
        An open answer that leaves the matter open is followed by the narrower question; "do_not_know" ends it."""
        self._add(
            lambda state: acts.answer(state, probe_id, structured, free_text, outcome), follow=acts.after_answer
        )  # fmt: skip

    def hint(self, criterion: str) -> str:
        """The next hint for a criterion: a narrower question, the concept, a worked answer. Practice only."""
        acts.allowed("criterion", criterion, all_hints())
        taken: list[Told] = []

        def decide(state: Folded) -> Sequence[Told]:
            taken[:] = acts.hint(state, criterion)
            return taken

        self._add(decide)
        return hint_told(criterion, taken[0][1]["grade"]).text

    def pause(self) -> None:
        """Stop the clock. Practice only."""
        self._add(acts.pause)

    def resume(self) -> None:
        """Let the clock go on."""
        self._add(acts.resume)

    def change(self, steps: Steps, predicts: tuple[Predicted, ...], free_text: str) -> None:
        """The changed sheet, beside the first one, with what it is said to do. Nothing is written where nothing
        changed."""
        self._add(lambda state: acts.change(state, steps, predicts, free_text))

    def claim(self, claim: Claim) -> None:
        """A reading of the own run. Where its sentence and its fields differ, it is asked at once which of them holds,
        and the clock waits for a minute at most."""
        self._add(lambda state: acts.claim(state, claim))

    def retract(self, index: int) -> None:
        """Take a reading back, by its place among all of them. It stays in the transcript as taken back."""
        self._add(lambda state: acts.retract(state, index))

    def drop_chip(self, step: int, index: int) -> None:
        """Take back what was understood: the words of that chip count no more. They stay in the text."""
        self._add(lambda state: acts.drop_chip(state, step, shown_chips(state, step), index))

    def restate(self, step: int, text: str) -> None:
        """Say something again in the template "X grows with | because | instead of | if Y"; once in each step."""
        self._add(lambda state: acts.restate(state, step, text))

    def keep_runs(self, stage: Stage, ran: Sequence[Ran], first: First | None = None) -> None:
        """Keep what a background job ran, also after the end. The first stage without `first` and without runs: the
        design could not be run."""
        acts.allowed("stage", stage, ("first", "second", "last"))
        kept_first = None
        if first is not None:
            kept_first = acts.made(
                said.FirstKept, knobs=dict(first.knobs), scale=float(first.scale), notes=tuple(first.notes),
                variant=first.variant, why=first.why,
            )  # fmt: skip
        made = acts.made(said.Kept, stage=stage, scopes=tuple(one.scope for one in ran), first=kept_first)
        self._keeping.keep(ran)
        self._add(lambda _: [("kept", told(made))])

    def keep_last(self, runs: Runs) -> None:
        """Keep what is run for the debrief alone."""
        self._keeping.keep_last(runs)
        self._add(lambda _: [("kept", {"stage": "last"})])

    def ran(self, scope: str) -> Ran | None:
        """One run that was kept; None where there is none, or none that can be read."""
        return self._keeping.ran(scope)

    def finish(self) -> None:
        """End it; the debrief may be shown. Once over, it stays over."""
        self._add(lambda state: [] if state.finished else [("finished", {})])

    def transcript(self) -> Transcript:
        """What the grader reads, with all runs that were kept. Extra time is not told."""
        state = self._folded()
        bare = transcript_of(self.id, state)
        whole = bare.model_copy(update={"run": self._keeping.runs()})
        return whole if state.changed_steps is None else with_diff(whole, _diff(bare, state.changed_steps))

    def _add(self, decide: _Decide, follow: _Decide | None = None) -> None:
        """Add what `decide` makes of the state, and what `follow` makes of the state after that; in one piece."""

        def decided(events: tuple[Event, ...]) -> Sequence[Told]:
            first = list(decide(self._fold(events)))
            if follow is None or not first:
                return first
            now = [Event(uuid4().hex, self._log.now_s(), self._log.process, kind, data) for kind, data in first]
            return [*first, *follow(self._fold((*events, *now)))]

        self._log.add(decided)

    def _folded(self) -> Folded:
        return self._fold(self._log.events())

    def _fold(self, events: tuple[Event, ...]) -> Folded:
        folded = fold(events, self._log.now_s(), self._log.process)
        if folded is None:
            raise UnknownName(f"Nothing of the interview {self.id} can be read.")
        return folded


def kept(folder: Path) -> tuple[Kept, ...]:
    """The interviews in a folder, the newest first; those of which nothing can be read are passed over."""
    found = []
    for path in sorted(folder.iterdir()) if folder.is_dir() else []:
        if not _is_name(path.name) or not (path / _FILE).is_file():
            continue
        try:
            events = Log(path / _FILE, lambda: 0.0).events()
        except SittingError:
            continue
        state = fold(events, max((event.at for event in events), default=0.0), "")
        if state is not None:
            one = state.begun
            found.append(Kept(path.name, one.level, one.mode, one.seed, state.began_at, state.phase, state.finished))
    return tuple(sorted(found, key=lambda one: (-one.began_at, one.id)))


def _diff(bare: Transcript, changed: Steps) -> Knobs:
    """What the changed sheet changes in the world; nothing where the sheets cannot be run at all."""
    try:
        return {name: value for name, value in config_of_change(bare, changed).items() if value is not None}
    except InvalidInput:
        return {}


def _is_name(name: str) -> bool:
    return len(name) == 12 and set(name) <= set("0123456789abcdef")
