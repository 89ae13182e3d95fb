"""Every closed word of the sheet and of an answer has a label, and lengths of labels tell nothing."""

import types
from collections.abc import Iterator
from typing import Any, Literal, Union, get_args, get_origin

import pytest
from pydantic import BaseModel

from engine.errors import UnknownName
from lessons.interview import labels
from lessons.interview.rubric import standard
from lessons.interview.sheet import Steps
from lessons.interview.transcript import Answer
from lessons.interview.units import FIGURES

LONGEST_OVER_SHORTEST = 1.5
"""20 % over and under the middle."""


def closed(annotation: Any, name: str) -> Iterator[tuple[str, tuple[Any, ...]]]:
    """(field, words) of every closed list within a type."""
    if get_origin(annotation) is Literal:
        yield name, get_args(annotation)
    elif isinstance(annotation, type) and issubclass(annotation, BaseModel):
        for inner, info in annotation.model_fields.items():
            yield from closed(info.annotation, inner)
    elif get_origin(annotation) in (tuple, Union, types.UnionType):
        for part in get_args(annotation):
            yield from closed(part, name)


LISTS = sorted(dict([*closed(Steps, ""), *closed(Answer, "")]).items())
SHUFFLED = [name for name, _ in LISTS if name not in labels.IN_ORDER]


def names(model: Any, path: str = "") -> Iterator[str]:
    """Paths of all fields that ask for something."""
    for name, info in model.model_fields.items():
        here = f"{path}.{info.alias or name}".removeprefix(".")
        inner = [part for part in (info.annotation, *get_args(info.annotation)) if isinstance(part, type)]
        models = [part for part in inner if issubclass(part, BaseModel)]
        yield from names(models[0], here) if models else (here,)


@pytest.mark.parametrize(("field", "words"), LISTS, ids=[name for name, _ in LISTS])
def test_every_word_has_a_label_and_every_label_a_word(field: str, words: tuple[Any, ...]) -> None:
    assert list(labels.words(field)) == [str(word) for word in words]
    said = [labels.label(field, word) for word in words]
    assert len(set(said)) == len(said)
    assert all(text == text.strip() and "!" not in text and "_" not in text for text in said)


@pytest.mark.parametrize("field", SHUFFLED)
def test_the_labels_of_a_shuffled_list_are_about_equally_long(field: str) -> None:
    lengths = [len(text) for text in labels.words(field).values()]
    assert max(lengths) <= LONGEST_OVER_SHORTEST * min(lengths)


@pytest.mark.parametrize("field", SHUFFLED)
def test_a_list_is_shuffled_by_the_seed_and_by_nothing_else(field: str) -> None:
    orders = {labels.shuffled(field, seed) for seed in range(12)}
    assert len(orders) > 1
    assert {frozenset(order) for order in orders} == {frozenset(labels.words(field))}
    assert labels.shuffled(f"driver.{field}", 3) == labels.shuffled(field, 3)


def test_a_list_with_an_order_of_its_own_keeps_it() -> None:
    assert {labels.shuffled("home_pct", seed) for seed in range(5)} == {("50", "95", "99")}


def test_every_field_has_a_title() -> None:
    asked = [f"{name}" for step in range(1, 8) for name in names(type(getattr(Steps(), f"s{step}").structured))]
    assert len(asked) > 80
    assert all(labels.title(path) for path in [*asked, *Answer.model_fields])
    assert labels.title("alarms.3.metric") == "Metric"
    assert labels.title("abort.metric") != labels.title("metric")


def test_every_figure_has_a_name_of_its_own() -> None:
    said = [labels.figure_label(path) for path in FIGURES]
    assert len(set(said)) == len(said)


def test_every_criterion_has_a_subject_under_its_step() -> None:
    assert {one for step in range(1, 8) for one in labels.topics(step)} == set(standard().criteria)
    assert all(labels.topic(name) for name in standard().criteria)


def test_what_is_unknown_is_said() -> None:
    for ask in (
        lambda: labels.words("nothing"), lambda: labels.label("must", "nothing"), lambda: labels.title("nothing"),
        lambda: labels.topic("9z"), lambda: labels.figure_label("nothing"),
    ):  # fmt: skip
        with pytest.raises(UnknownName):
            ask()
