"""What may be done to a whole transcript: words shuffled, slips, negations flipped, runs swapped, and so on."""

import random
import re
import string
from collections.abc import Callable, Mapping

from lessons.interview.base import Level
from lessons.interview.reader import Reading, default_reader
from lessons.interview.rubric import standard
from lessons.interview.transcript import Transcript

STEPS = tuple(str(step) for step in range(1, 8))
READER = default_reader()
KEY_WORDS = (
    "Kafka, Redis, Cassandra, push, pull, hybrid, fan-out, celebrity, hot key, cache, CDN, sharding, queue, async, "
    "followers, followees, latency, throughput, scalability, availability, eventual consistency, exactly-once."
)
TRUE = {
    "1": "There are more reads than posts.",
    "3": "With push each follower costs one insert. With pull each followed account costs one lookup.",
    "5": "The queue is there so that the author does not wait for the inserts.",
    "6": "Filtering deleted posts when a page is read costs one more check on each.",
}
"""What nobody's design contradicts."""
_NOT = re.compile(r"\b(not|no|never|nobody|none|nothing|cannot|without)\b|n't\b", re.IGNORECASE)
_VERB = re.compile(
    r"\b(is|are|was|were|can|will|would|should|costs?|pays?|grows?|scales|waits?|write|gets?|goes|takes?|makes?|needs?|"
    r"means|touches|moves|keep|skip|hide|filter|prepare|precompute|returns|blocks|breaks|dies)\b",
    re.IGNORECASE,
)
_TWEET = {"tweet": "post", "tweets": "posts", "post": "tweet", "posts": "tweets"}
_SAME = {
    "because": "since", "largest": "biggest", "big": "large", "therefore": "so", "costs": "takes", "checks": "lookups",
    "queue": "job queue", "insert": "write", "inserts": "writes", "scans": "queries", "lists": "timelines",
}  # fmt: skip


def texts(transcript: Transcript) -> dict[str, str]:
    """The free texts that are not empty, by step."""
    return {step: text for step in STEPS if (text := transcript.steps.text(int(step))).strip()}


def with_texts(transcript: Transcript, changed: Mapping[str, str]) -> Transcript:
    """With other free texts, by step."""
    steps = transcript.steps.model_copy(update={
        f"s{step}": getattr(transcript.steps, f"s{step}").model_copy(update={"free_text": text})
        for step, text in changed.items()
    })  # fmt: skip
    return transcript.model_copy(update={"steps": steps})


def each(transcript: Transcript, change: Callable[[str], str]) -> Transcript:
    """With every free text changed."""
    return with_texts(transcript, {step: change(text) for step, text in texts(transcript).items()})


def text_points(transcript: Transcript, level: Level) -> float:
    """Points that its free texts could earn at a level, if nothing else were there."""
    rubric, reading = standard(), Reading.of(transcript, READER)
    return sum(rubric.worth(one, level) * reading.reason(one.id).credit for one in rubric.criteria.values()
               if one.by_text)  # fmt: skip


def shuffled(transcript: Transcript, seed: int) -> Transcript:
    """All words of all texts in another order; each text as long as before."""
    there = texts(transcript)
    words = [word for text in there.values() for word in text.split()]
    random.Random(seed).shuffle(words)
    dealt = iter(words)
    return with_texts(transcript, {step: " ".join(next(dealt) for _ in text.split()) for step, text in there.items()})


def slipped(text: str, seed: int, share: float = 0.05) -> str:
    """A letter swapped, missing or wrong in a share of the words, rounded down."""
    rng, words = random.Random(seed), text.split(" ")
    for place in rng.sample(range(len(words)), int(share * len(words))):
        word = words[place]
        at, kind = rng.randrange(max(1, len(word))), rng.randrange(3)
        if kind == 0:
            words[place] = word[:at] + word[at + 1 : at + 2] + word[at : at + 1] + word[at + 2 :]
        else:
            words[place] = word[:at] + (rng.choice(string.ascii_lowercase) if kind == 1 else "") + word[at + 1 :]
    return " ".join(words)


def flipped(text: str) -> str:
    """What is denied is said, and what is said is denied, sentence by sentence."""
    parts = re.split(r"((?<=[.!?;:,])\s+|\n)", text)
    return "".join(_NOT.sub("", part) if _NOT.search(part) else _VERB.sub(r"\1 not", part) for part in parts)


def swapped_words(words: Mapping[str, str]) -> Callable[[str], str]:
    """A change of single words."""
    pattern = re.compile(rf"\b({'|'.join(words)})\b")
    return lambda text: pattern.sub(lambda found: words[found[1]], text)


tweets_and_posts, synonyms = swapped_words(_TWEET), swapped_words(_SAME)


def reordered(text: str, seed: int) -> str:
    """Its sentences in another order."""
    sentences = re.split(r"(?<=[.!?])\s+|\n", text)
    random.Random(seed).shuffle(sentences)
    return " ".join(one if one.endswith((".", "!", "?")) else f"{one}." for one in sentences)


def moved(transcript: Transcript, by: int) -> Transcript:
    """Each text in the place of another's."""
    there = list(texts(transcript))
    told = [transcript.steps.text(int(step)) for step in there]
    return with_texts(transcript, {step: told[(at + by) % len(there)] for at, step in enumerate(there)})


def without_the_largest(transcript: Transcript) -> Transcript:
    """The sheet and the text of step 3 without any word on large accounts."""
    step = transcript.steps.s3
    named = re.compile(r"celeb|large|big|giant|huge|above|30\s?M|25\s?M|20 million|million", re.IGNORECASE)
    kept = [one for one in re.split(r"(?<=[.!?])\s+|\n", step.free_text) if not named.search(one)]
    sheet = step.structured.model_copy(update={"celebrity": None, "threshold": None, "pulls": None})
    changed = step.model_copy(update={"structured": sheet, "free_text": " ".join(kept)})
    probes = tuple(one for one in transcript.probes if one.id != "P1")
    return transcript.model_copy(update={
        "steps": transcript.steps.model_copy(update={"s3": changed}), "probes": probes,
    })  # fmt: skip


def with_runs_swapped(transcript: Transcript) -> Transcript:
    """The base run where the new requirement was, and the other way round."""
    run = transcript.run
    return transcript.model_copy(update={
        "run": run.model_copy(update={"base": run.change_before, "change_before": run.base})
    })  # fmt: skip
