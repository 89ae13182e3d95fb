"""What an hour of a machine costs, as a value with date and source: from modelled machine seconds to money."""

from dataclasses import asdict, dataclass
from typing import Any

SECONDS_PER_DAY = 86_400
_SECONDS_PER_HOUR = 3_600


@dataclass(frozen=True, kw_only=True)
class MachinePrice:
    """One price. A server of any station is taken for one such machine."""

    machine: str
    usd_per_hour: float
    date: str
    """ISO 8601: when it was asked."""
    source: str

    def usd_per_day(self, machine_s: float, seconds: float) -> float:
        """Money for a day of a load that keeps machines busy for `machine_s` in `seconds` of it.

        Busy time only: as if machines came by the second and never stood idle. Memory, disks and network are not in it.
        """
        return machine_s / _SECONDS_PER_HOUR * self.usd_per_hour * SECONDS_PER_DAY / seconds

    def to_json(self) -> dict[str, Any]:
        """All fields, and that it is a model."""
        return {
            "kind": "modelled",
            **asdict(self),
            "note": "busy machine time only; nothing idle, no memory, no network",
        }


M7G_LARGE = MachinePrice(
    machine="AWS m7g.large (2 vCPU, 8 GiB), on demand, Linux, us-east-1",
    usd_per_hour=0.0816,
    date="2026-06-17",
    source="factualminds.com/blog/amazon-ec2-on-demand-pricing-instance-families-2026, second-hand of AWS's own list",
)
