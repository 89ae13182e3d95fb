"""What can be broken in a world, for how long, and how that is written."""

from engine.faults.fault import Fault, parse_fault
from engine.faults.kinds import KINDS, Kind, find_kind

__all__ = ["KINDS", "Fault", "Kind", "find_kind", "parse_fault"]
