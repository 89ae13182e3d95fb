"""Every error the product can show. One sentence each: what was wrong, where, what is allowed.

MurmurationError
  InvalidInput            nothing was changed; the command line exits with status 2
    InvalidKnob           a setting out of bounds, or one that does not exist
    InvalidPost           empty, or over 280 characters
    UnknownUser
    UnknownPost           no such post, or it was deleted
    NotAllowed            self-follow, following somebody who blocked you, acting on another's post
    InvalidCursor         a page cursor that this engine did not issue
    UnknownName           a strategy, scenario or world that is not in the registry
    InvalidGraph          names file, line and reason
    InvalidTrace          names file, line and reason
    InvalidField          one field of a page's form; the field is named
    OwnCodeFailed         a strategy of one's own that cannot be loaded, answers wrongly or takes too much
    InvalidPrices         a price list with a price that does not exist or is out of bounds; names file and reason
    UnknownRun            no such run or study in the run history, or one that is not in the state it has to be in
    QueryRefused          SQL that is not one SELECT or EXPLAIN over the history's own tables
    QueryFailed           SQL that DuckDB cannot make sense of
    QueryStopped          SQL that took too much time or memory
  StoreError              a backend failed
    ListOutOfReach        somebody's home list cannot be reached; pages that need none go on
    StoreUnreachable      no server answers, or not in time
    StoreFull             the server is out of memory or disk, and takes no writes
    StoreRefused          a wrong password, or one that may not do this
    StoreClash            a key of another type stands under the name of one of ours
  JournalError            a journal that cannot be opened, or does not fit this version
  HistoryError            a run history that cannot be opened, read or written
  TooManyStudies          as many comparisons and sweeps wait as may
  TooManyQueries          as many queries run and wait as may
  TooManyWorlds           the process's limit of live worlds is reached
  ExperimentFailed        runs that belong together could not all be made, or cannot be compared
  RunCancelled            somebody stopped a run before its end
"""


class MurmurationError(Exception):
    """Anything the engine refuses or fails at, in one sentence for a person."""


class InvalidInput(MurmurationError):
    """The caller asked for something that is not allowed; nothing was changed."""


class InvalidKnob(InvalidInput):
    """A setting that does not exist, or a value outside its bounds."""


class InvalidPost(InvalidInput):
    """A post that is empty or too long."""


class UnknownUser(InvalidInput):
    """A user id or name that this world does not have."""


class UnknownPost(InvalidInput):
    """A post that does not exist, or that was deleted."""


class NotAllowed(InvalidInput):
    """An action this person may not take."""


class InvalidCursor(InvalidInput):
    """A page cursor that was not issued by this engine."""


class UnknownName(InvalidInput):
    """A strategy, scenario, load or world that is not registered."""


class InvalidField(InvalidInput):
    """What one field of a form has is not allowed."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field
        """Its name in the form."""


class InvalidGraph(InvalidInput):
    """A graph file that cannot be read; names file, line and reason."""


class InvalidTrace(InvalidInput):
    """A trace file that cannot be read; names file, line and reason."""


class OwnCodeFailed(InvalidInput):
    """A strategy of one's own that cannot be loaded, answers wrongly, or takes too much time or memory."""

    def __init__(self, message: str, line: int | None = None, printed: str = "") -> None:
        super().__init__(message)
        self.printed = printed
        """The beginning of what it had printed by then, if it ran apart."""
        self.line = line
        """Of the person's own code; None where no single line is at fault."""


class InvalidPrices(InvalidInput):
    """A price list that cannot be read or used; names file and reason."""


class UnknownRun(InvalidInput):
    """A run or study that the history does not have, or that is not in the state that is asked for."""


class UnknownStudy(InvalidInput):
    """A comparison or sweep that this process does not remember."""


class QueryRefused(InvalidInput):
    """SQL that is not one SELECT or EXPLAIN over the history's own tables; it was not run."""


class QueryFailed(InvalidInput):
    """SQL that DuckDB cannot make sense of; says what DuckDB says."""


class QueryStopped(InvalidInput):
    """SQL that took more time or memory than a query may; it was stopped."""


class StoreError(MurmurationError):
    """A timeline store failed."""


class ListOutOfReach(StoreError):
    """Somebody's home list is on a timeline shard that is down; nothing is wrong with what they ask."""


class StoreUnreachable(StoreError):
    """No server answers, or not in time; trying again later may help."""


class StoreFull(StoreError):
    """The server is out of memory or disk and takes no writes; reading may go on."""


class StoreRefused(StoreError):
    """The server refuses the name or password, or what they may do."""


class StoreClash(StoreError):
    """A key of another type stands under the name of one of ours."""


class NotEnoughMemory(MurmurationError):
    """A world is too large for what is free."""


class JournalError(MurmurationError):
    """A journal cannot be opened, read or written."""


class TooManyWorlds(MurmurationError):
    """The limit of live worlds in one process is reached."""


class HistoryError(MurmurationError):
    """A run history cannot be opened, read or written; the file is as it was."""


class TooManyQueries(MurmurationError):
    """As many queries run and wait as may; this one was not run."""


class TooManyStudies(MurmurationError):
    """As many comparisons and sweeps run and wait as may; this one was not begun."""


class ExperimentFailed(MurmurationError):
    """Runs that belong together could not all be made, or did not see the same load."""


class RunCancelled(MurmurationError):
    """A run that somebody stopped before its end; nothing of it is kept."""
