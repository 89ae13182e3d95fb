"""What all parts of a transcript have in common: frozen, nothing unknown, numbers that are finite."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from lessons.interview.units import FIGURES, known

Level = Literal["mid", "senior", "staff"]
LEVELS: tuple[Level, ...] = ("mid", "senior", "staff")


class Model(BaseModel):
    """A part of a transcript. What is missing is None or empty and costs only its own criteria."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class Measured(BaseModel):
    """A part that an engine wrote: a newer one may say more than is read here."""

    model_config = ConfigDict(frozen=True, extra="allow", strict=True, allow_inf_nan=False)


Amount = Annotated[float, Field(ge=0, le=1e18)]
"""A quantity that cannot be negative."""
Share = Annotated[float, Field(ge=0, le=1)]
Name = Annotated[str, Field(min_length=1, max_length=60)]
"""A word of the candidate's own."""
Text = Annotated[str, Field(max_length=20_000)]
Figure = Annotated[str, AfterValidator(known), Field(json_schema_extra={"enum": sorted(FIGURES)})]
"""The path of one number in a part of the run: `home_ms.p99`, `stations.workers.util`."""


def as_tuples(value: Any) -> Any:
    """Lists as tuples, which strict models want; whole numbers stay."""
    if isinstance(value, Mapping):
        return {name: as_tuples(inner) for name, inner in value.items()}
    return tuple(as_tuples(inner) for inner in value) if isinstance(value, list | tuple) else value
