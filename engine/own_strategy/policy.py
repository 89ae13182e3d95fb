"""Who may run code of their own here, and what it may take."""

from collections.abc import Mapping
from dataclasses import dataclass

from engine.errors import InvalidKnob, NotAllowed

SWITCH = "MURMURATION_OWN_CODE"
"""Environment variable of the server: `allow` or `off`; without it own code runs only where nobody else can come in."""
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What one piece of own code may take; it is stopped when it takes more."""

    wall_s: float = 20.0
    """Real time, from its first line on."""
    cpu_s: float | None = None
    """Processor time, where that is less: on a busy machine the same work takes longer. None: as much as real time."""
    memory_mb: int = 512
    """Address space beyond what the engine has taken before."""
    printed_bytes: int = 4_096
    """Of what it prints, so much is kept; the rest is thrown away."""
    report_bytes: int = 4_000_000
    """Of its report."""

    def __post_init__(self) -> None:
        for name, lowest, highest in (
            ("wall_s", 0.1, 600), ("processor_s", 1, 601), ("memory_mb", 64, 65_536), ("printed_bytes", 0, 10**6),
            ("report_bytes", 1_000, 10**8),
        ):  # fmt: skip
            value = getattr(self, name)
            if not lowest <= value <= highest:
                raise InvalidKnob(f"{name} is {value!r}; allowed: from {lowest:,} to {highest:,}.")

    @property
    def processor_s(self) -> int:
        """Whole seconds, as the kernel counts them."""
        return int(self.wall_s if self.cpu_s is None else self.cpu_s) + (self.cpu_s is None)


@dataclass(frozen=True, kw_only=True)
class OwnCodePolicy:
    """Whether people may run code of their own in this place."""

    shared: bool
    """Others can reach this server."""
    instructor_allows: bool = False

    @classmethod
    def of_server(cls, address: str | None, environ: Mapping[str, str]) -> "OwnCodePolicy":
        """For a server that listens at an address (None: at all of them), started in an environment.

        Raises:
            InvalidKnob: the switch is set to something else.
        """
        switch = environ.get(SWITCH)
        if switch not in (None, "allow", "off"):
            raise InvalidKnob(f"{SWITCH} is {switch!r}; allowed: allow, off.")
        shared = address not in _LOOPBACK or switch == "off"
        return cls(shared=shared, instructor_allows=switch == "allow")

    @property
    def allowed(self) -> bool:
        """Whether own code runs at all."""
        return self.instructor_allows or not self.shared

    def require(self) -> None:
        """Nothing, where it is allowed.

        Raises:
            NotAllowed: says who can allow it.
        """
        if not self.allowed:
            raise NotAllowed(
                f"Code of one's own is off in a shared room; whoever runs the server can allow it with {SWITCH}=allow."
            )
