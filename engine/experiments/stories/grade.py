"""A prediction against what the run turned out to be."""

from dataclasses import dataclass

from engine.errors import UnknownName
from engine.experiments.stories.debrief import Debrief
from engine.experiments.stories.story import Story


@dataclass(frozen=True)
class Verdict:
    """Whether a prediction was right, and what happened instead."""

    right: bool
    sentence: str


def grade(story: Story, option_key: str, debrief: Debrief) -> Verdict:
    """Compare a prediction with the debrief of a run.

    Raises:
        UnknownName: the story has no such option.
    """
    labels = {option.key: option.label for option in story.options}
    if option_key not in labels:
        raise UnknownName(f"The story {story.name!r} has no answer {option_key!r}; allowed: {', '.join(labels)}.")
    answer = story.answer(debrief)
    right = answer == option_key
    opening = "Right" if right else f"You said “{labels[option_key]}”; this run says otherwise"
    return Verdict(right, f"{opening}: {labels[answer]}. {story.answer.because(debrief)}")
