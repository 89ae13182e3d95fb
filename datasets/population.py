"""Who lives in a world: the follow graph, and what each person tends to do."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.domain import F64, I32
from engine.frozen import Frozen
from engine.graph.graph import Graph

LARGEST_NAMES = ("Nova", "Ines", "Taro", "Maya", "Odin", "Zora")
"""The most followed accounts, largest first."""

_FIRST_NAMES_TEXT = (
    "ada amir anna aria asha ben bruno chen clara dana dario deniz diego eda elif emil enzo eva farah felix gita hana "
    "hugo ida ilse imani ines ivan jana jonas juno kai kira kofi lara lena leo lina luca mara marco mei mila mina mira "
    "nadia nils noor olga omar otto paul petra pia rana remi rosa sami sara sven tara theo tom uma vera wen yara yuki"
)
_FIRST_NAMES = _FIRST_NAMES_TEXT.split()
_SCATTER = 2_654_435_761
"""Knuth's multiplicative hash, so that neighbours do not share a name."""


@dataclass(frozen=True, eq=False)
class Names:
    """A name for everybody, made when asked for: the largest accounts by first name, others like "mira412"."""

    users: int
    largest: I32

    def __call__(self, user: int) -> str:
        """The name of one user; unique, since it ends in their number."""
        if user in self._special:
            return self._special[user]
        return f"{_FIRST_NAMES[(user * _SCATTER & 0xFFFFFFFF) * len(_FIRST_NAMES) >> 32]}{user}"

    def find(self, name: str) -> int | None:
        """Whose name this is, with or without @, in any case; None if it is nobody's."""
        wanted = name.strip().removeprefix("@").casefold()
        for user, special in self._special.items():
            if special.casefold() == wanted:
                return user
        digits = wanted.lstrip("abcdefghijklmnopqrstuvwxyz")
        user = int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 10 else -1
        return user if 0 <= user < self.users and self(user) == wanted else None

    @property
    def _special(self) -> dict[int, str]:
        return dict(zip(self.largest.tolist(), LARGEST_NAMES, strict=False))


@dataclass(frozen=True, eq=False, kw_only=True)
class Population:
    """One world's people at its opening. Nothing here changes while it runs, but for `graph`, which is live."""

    graph: Graph
    names: Names
    community: I32
    """Of each user, shape (n,), ascending: people of one community have neighbouring ids."""
    last_seen_days: NDArray[np.float32]
    """Days since each user was last seen when the world opens, shape (n,); 0: here now."""
    author_weight: F64
    """Relative posting rate before `load.author_exponent` is applied, shape (n,): 1, or 0 for accounts that post only
    when told to. What `engine.load.audience.Audience` takes."""
    posting_weight: F64
    """Relative posting rate with `load.author_exponent`: author_weight * followers ** exponent on the base graph."""
    reader_weight: F64
    """Relative rate of opening home, shape (n,); 0 for those who are away."""
    away: I32
    """Everybody who has been away for more than 30 days, ascending; `load.return_share` of the reads are theirs."""
    largest: I32
    """The most followed accounts, largest first: six, or all if there are fewer."""
    history_posts: int
    """Posts that exist when the world opens."""
    frozen: Frozen | None = None
    """Where what is made of these people is kept, if they are many."""

    @property
    def users(self) -> int:
        """How many people there are."""
        return self.graph.n

    def name(self, user: int) -> str:
        """The name of one user."""
        return self.names(user)

    def find(self, name: str) -> int | None:
        """Whose name this is; None if it is nobody's."""
        return self.names.find(name)
