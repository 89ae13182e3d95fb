"""The changed sheet, as what was changed in it: field by field, so that whatever else is written on the first sheet
later stands on both."""

from collections.abc import Mapping
from typing import Any

from lessons.interview.base import as_tuples
from lessons.interview.sheet import Steps
from lessons.interview.sitting.events import told

Changes = Mapping[str, Any]
"""By field, nested as the sheets are; None: taken away."""


def changes(before: Steps, after: Steps) -> Changes:
    """What one set of sheets has and the other has not."""
    return _differences(told(before), told(after))


def with_changes(steps: Steps, made: Changes) -> Steps:
    """The sheets with these changes."""
    return Steps.model_validate(as_tuples(_merged(told(steps), made))) if made else steps


def _differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in {**before, **after}:
        one, other = before.get(name), after.get(name)
        if isinstance(one, dict) and isinstance(other, dict):
            inner = _differences(one, other)
            if inner:
                found[name] = inner
        elif one != other:
            found[name] = other
    return found


def _merged(whole: Mapping[str, Any], made: Changes) -> dict[str, Any]:
    merged = dict(whole)
    for name, value in made.items():
        if value is None:
            merged.pop(name, None)
        else:
            inner = merged.get(name)
            merged[name] = _merged(inner, value) if isinstance(inner, dict) and isinstance(value, dict) else value
    return merged
