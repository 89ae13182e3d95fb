"""Which designs nobody beats: no other one is better in one respect without being worse in another."""

from collections.abc import Mapping, Sequence

from engine.experiments.intervals import Estimate


def front(
    estimates: Sequence[Mapping[str, Estimate]],
    verdicts: Mapping[tuple[int, int, str], str],
    measures: Sequence[str],
) -> list[bool | None]:
    """Which of some designs lie on the front of measures of which less is better; None for one without a figure.

    A design is beaten by another one that is told lower in at least one measure and not told higher in any: a
    difference inside the noise counts as none. Where there are no intervals the means decide.

    Args:
        verdicts: (a, b, measure) with a < b -> the verdict on b against a.
    """
    known = [all(found[name].mean is not None for name in measures) for found in estimates]

    def against(one: int, other: int, name: str) -> str:
        """How `one` stands against `other`."""
        verdict = verdicts[min(one, other), max(one, other), name]
        if verdict == "unknown":
            mine, theirs = estimates[one][name].mean, estimates[other][name].mean
            assert mine is not None
            assert theirs is not None
            return "lower" if mine < theirs else "higher" if mine > theirs else "none"
        return verdict if one > other else {"lower": "higher", "higher": "lower"}.get(verdict, verdict)

    def beats(one: int, other: int) -> bool:
        stands = [against(one, other, name) for name in measures]
        return "lower" in stands and "higher" not in stands

    rivals = [i for i, is_known in enumerate(known) if is_known]
    return [
        not any(beats(other, i) for other in rivals if other != i) if is_known else None
        for i, is_known in enumerate(known)
    ]
