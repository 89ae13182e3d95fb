"""The mock interview's sheet on the page: what is filled in is kept at once, and nothing else is."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from lessons.interview.form import FORMS, kind_of, sheet_of, value_at, wants
from lessons.interview.labels import label, shuffled, title
from lessons.interview.sheet import Steps
from lessons.interview.sitting import PHASES, Phase, Sitting, State
from lessons.interview.written import written, written_entities
from pages.parts import interview_intro, interview_jobs, interview_view
from tests.lessons.interview.whole import whole
from tests.pages.conftest import ROOT
from tests.pages.helpers import shown, words

PAGE = str(ROOT / "pages" / "practise" / "interview.py")
ODD = ("zzz", "../../me", "0" * 12, "e" * 400, "<script>", "ünï ☃", "`x` $y$", " ")


class Clock:
    """Seconds since 1970, as this test wants them."""

    def __init__(self) -> None:
        self.at_s = 1_700_000_000.0

    def __call__(self) -> float:
        return self.at_s


@pytest.fixture(autouse=True)
def now(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Time stands unless a test moves it, and nothing is run in the background."""
    clock = Clock()
    monkeypatch.setattr(interview_view, "wall_s", clock)
    monkeypatch.setattr(interview_intro, "wall_s", clock)
    monkeypatch.setattr(interview_jobs, "draw", lambda sitting, state: None)
    return clock


@pytest.fixture
def begin(progress_folder: Path, now: Clock) -> Callable[..., Sitting]:
    def begun(mode: Any = "practice", seed: int = 7, level: Any = "senior") -> Sitting:
        return Sitting.begin(progress_folder / "interviews" / "me", level=level, mode=mode, seed=seed, now_s=now)

    return begun


def opened(**address: str) -> AppTest:
    page = AppTest.from_file(PAGE, default_timeout=60)
    for name, value in address.items():
        page.query_params[name] = value
    return shown(page.run())


def reach(sitting: Sitting, step: int) -> None:
    """Open a step, and before it those that have to be opened first."""
    order: tuple[Phase, ...] = ("5", "change", "6", "7")
    last: Phase = PHASES[step - 1] if step <= 5 else order[step - 4]
    for phase in order[: order.index(last)] if step > 5 else ():
        sitting.go(phase)
    sitting.go(last)


def at_step(sitting: Sitting, step: int) -> AppTest:
    """A new tab that looks at a step."""
    reach(sitting, step)
    return opened(interview=sitting.id)


def press(page: AppTest, said: str) -> AppTest:
    (button,) = [button for button in page.button if button.label == said]
    return shown(button.click().run())


def fields(page: AppTest, sitting: Sitting) -> dict[str, Any]:
    """The fields of the sheet by their path."""
    start = f"interview_{sitting.id}_"
    kinds = (page.selectbox, page.multiselect, page.text_input, page.text_area, page.segmented_control)
    found = [one for kind in kinds for one in kind if (one.key or "").startswith(start)]
    return {one.key.removeprefix(start).partition("_")[2].rpartition("_")[0]: one for one in found}


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """(path, value) of every field that is filled in."""
    if isinstance(value, dict) and not path.endswith("entities"):
        for name, inner in value.items():
            yield from leaves(inner, f"{path}.{name}".removeprefix("."))
    elif isinstance(value, tuple | list) and value and isinstance(value[0], dict):
        for place, inner in enumerate(value):
            yield from leaves(inner, f"{path}.{place}")
    else:
        yield path, value


def in_field(sheet: Any, path: str, value: Any) -> Any:
    """What somebody puts into the field so that this value is kept."""
    kind = kind_of(type(sheet), path)
    if kind == "entities":
        return written_entities(value)
    if kind == "number":
        return written(value, wants(path, sheet)[0])
    return list(value) if kind == "many" else value


def fill(page: AppTest, sitting: Sitting, step: int, target: Steps) -> AppTest:
    """Every field of a step, as often as new ones appear; text and all."""
    sheet = sheet_of(target, step)
    wanted = dict(leaves(sheet.model_dump(by_alias=True, exclude_none=True)))
    while wanted:
        there = fields(page, sitting)
        ready = [path for path in wanted if path in there and not there[path].disabled]
        assert ready, f"no field for {list(wanted)}"
        for path in ready:
            there[path].set_value(in_field(sheet, path, wanted.pop(path)))
        page = shown(page.run())
    fields(page, sitting)["free_text"].set_value(target.text(step))
    return shown(page.run())


@pytest.mark.parametrize("step", range(1, 8))
def test_every_field_of_a_step_is_kept_and_there_again_after_a_reload(begin: Any, step: int) -> None:
    sitting, target = begin(), whole()
    page = fill(at_step(sitting, step), sitting, step, target)
    assert not page.warning
    kept = Sitting.open(sitting.folder, sitting.id, sitting._log.now_s).state().steps
    assert sheet_of(kept, step) == sheet_of(target, step)
    assert kept.text(step) == target.text(step)
    again = fields(opened(interview=sitting.id), sitting)
    for path, value in leaves(sheet_of(target, step).model_dump(by_alias=True, exclude_none=True)):
        assert again[path].value == in_field(sheet_of(target, step), path, value), path
    assert again["free_text"].value == target.text(step)


@pytest.mark.parametrize("step", range(1, 8))
def test_nothing_is_filled_in_before_somebody_does_and_looking_at_it_writes_nothing(begin: Any, step: int) -> None:
    sitting = begin()
    found = fields(at_step(sitting, step), sitting)
    assert len(found) >= len([path for group in FORMS[step].groups for path in group.fields])
    assert {path: one.value for path, one in found.items() if one.value not in (None, "", [])} == {}
    assert sitting.state().steps == Steps()


def test_a_field_that_is_emptied_was_never_filled(begin: Any) -> None:
    sitting = begin()
    page = at_step(sitting, 1)
    for text in ("5 s", ""):
        fields(page, sitting)["slo.fresh_s"].set_value(text)
        page = shown(page.run())
    assert not sheet_of(sitting.state().steps, 1).slo.model_fields_set  # type: ignore[attr-defined]
    assert sitting.state().steps == Steps()


def test_a_number_that_makes_no_sense_is_refused_in_a_sentence_and_nothing_is_lost(begin: Any) -> None:
    sitting = begin()
    page = at_step(sitting, 1)
    for path, text in (("assume.dau", "200M"), ("assume.peak", "10x"), ("slo.availability", "50")):
        fields(page, sitting)[path].set_value(text)
    page = shown(page.run())
    for text in ("many", "-1", "1e400", "5 apples and 3", "<b>7</b>", "NaN", "½", "1.2.3", "9" * 60):
        fields(page, sitting)["assume.dau"].set_value(text)
        page = shown(page.run())
        said = [one.value.replace("\\", "") for one in page.warning]
        assert any("allowed: such as 7M" in one and "Kept: 200M people" in one for one in said), text
        assert any("more than all" in one for one in said)
        assert fields(page, sitting)["assume.dau"].value == text
    page = press(press(page, "2 Entities, API"), "1 Requirements")
    assert fields(page, sitting)["assume.dau"].value == text
    kept = sitting.state().steps.s1.structured.assume
    assert (kept.dau, kept.peak) == (2e8, 10.0)
    fields(page, sitting)["assume.dau"].set_value("3M")
    assert len(shown(page.run()).warning) == 1
    assert sitting.state().steps.s1.structured.assume.dau == 3e6


def test_an_assumption_far_off_what_was_published_is_asked_about_and_used_as_it_stands(begin: Any) -> None:
    sitting = begin()
    page = at_step(sitting, 1)
    fields(page, sitting)["assume.peak"].set_value("10")
    assert not any("every published figure" in one.value for one in shown(page.run()).caption)
    fields(page, sitting)["assume.peak"].set_value("5000")
    assert sum("every published figure" in one.value for one in shown(page.run()).caption) == 1
    assert sitting.state().steps.s1.structured.assume.peak == 5_000.0


def test_a_number_is_said_as_it_was_understood(begin: Any) -> None:
    sitting = begin()
    page = at_step(sitting, 1)
    assert "posts a day" in words(page)
    fields(page, sitting)["assume.posts_per_day"].set_value("5k/s")
    assert "432M posts a day" in words(shown(page.run()))


def test_entities_that_cannot_be_kept_are_refused_and_stay_in_their_field(begin: Any) -> None:
    sitting = begin()
    page = at_step(sitting, 2)
    fields(page, sitting)["entities"].set_value("User: id")
    page = shown(page.run())
    for text in ("Post: id\nPost: id", ": id", "x" * 61, f"Post: {'y' * 61}"):
        fields(page, sitting)["entities"].set_value(text)
        page = shown(page.run())
        assert "Line " in page.warning[0].value
        assert fields(page, sitting)["entities"].value == text
    assert sitting.state().steps.s2.structured.entities == {"User": ("id",)}


def test_two_tabs_keep_what_the_other_wrote(begin: Any) -> None:
    sitting = begin()
    first, second = at_step(sitting, 1), opened(interview=sitting.id)
    fields(first, sitting)["assume.dau"].set_value("200M")
    first.run()
    fields(second, sitting)["assume.peak"].set_value("7")
    second = shown(second.run())
    kept = sitting.state().steps.s1.structured.assume
    assert (kept.dau, kept.peak) == (2e8, 7.0)
    assert fields(second, sitting)["assume.dau"].value == "200M"
    fields(second, sitting)["assume.dau"].set_value("100M")
    second.run()
    assert fields(shown(first.run()), sitting)["assume.dau"].value == "100M"


def test_a_row_of_which_nothing_is_left_is_gone_and_the_next_takes_its_place(begin: Any) -> None:
    sitting = begin()
    page = fill(at_step(sitting, 6), sitting, 6, whole())
    fields(page, sitting)["alarms.0.metric"].set_value(None)
    page = shown(page.run())
    left = whole().s6.structured.alarms[1:]
    assert sitting.state().steps.s6.structured.alarms == left
    assert fields(page, sitting)["alarms.0.metric"].value == left[0].metric
    assert fields(page, sitting)["alarms.0.above"].value == "0.9"


def test_a_limit_in_the_unit_of_another_metric_is_no_limit(begin: Any) -> None:
    sitting = begin()
    page = at_step(sitting, 6)
    for path, value in (("abort.metric", "home_latency"), ("abort.above", "250"), ("abort.metric", "hit_rate")):
        fields(page, sitting)[path].set_value(value)
        page = shown(page.run())
    abort = sitting.state().steps.s6.structured.abort
    assert (abort.metric, abort.above) == ("hit_rate", None)
    assert fields(page, sitting)["abort.above"].value == ""


@pytest.mark.parametrize("name", ODD)
def test_an_address_of_no_interview_is_said_and_one_can_begin(name: str) -> None:
    page = opened(interview=name)
    assert "There is no interview" in page.warning[0].value
    assert "interview" not in page.query_params
    assert "Begin" in [button.label for button in page.button]


def test_an_interview_begins_with_level_and_seed_of_a_link(progress_folder: Path) -> None:
    page = press(opened(seed="77", level="staff"), "Begin")
    sitting = Sitting.open(progress_folder / "interviews" / "me", page.query_params["interview"], lambda: 0.0)
    state = sitting.state()
    assert (state.seed, state.level, state.mode, state.extra) == (77, "staff", "practice", 1.0)
    assert set(page.query_params) == {"interview"}


@pytest.mark.parametrize(("name", "text"), [("seed", "-1"), ("seed", "²"), ("seed", "9" * 400), ("level", "boss")])
def test_a_link_that_makes_no_sense_is_said(name: str, text: str) -> None:
    assert "allowed" in opened(**{name: text}).warning[0].value


def test_without_a_level_nothing_begins(progress_folder: Path) -> None:
    page = press(opened(), "Begin")
    assert "Choose a level first" in page.warning[0].value
    assert not (progress_folder / "interviews").exists()


def test_an_interview_that_was_left_is_listed_and_gone_on_with(begin: Any) -> None:
    sitting = begin()
    sitting.go("3")
    page = opened()
    assert "senior, practice, seed 7, in 3 Strategy" in words(page)
    assert press(page, "Go on").query_params["interview"] == sitting.id


def test_options_stand_in_the_order_of_the_seed_under_plain_labels(begin: Any) -> None:
    orders = set()
    for seed in (1, 2, 3):
        sitting = begin(seed=seed)
        found = fields(at_step(sitting, 5), sitting)["queue_why"]
        assert list(found.options) == [label("queue_why", word) for word in shuffled("queue_why", seed)]
        orders.add(tuple(found.options))
    assert len(orders) > 1


def test_in_strict_the_sheets_lock_at_the_end_and_there_is_neither_pause_nor_hint(begin: Any, now: Clock) -> None:
    sitting = begin(mode="strict")
    page = at_step(sitting, 1)
    labels = [button.label for button in page.button]
    assert "Pause" not in labels
    assert "Give me a hint" not in labels
    for _ in range(46):
        now.at_s += 60.0
        sitting.tick()
    page = opened(interview=sitting.id)
    assert "To the debrief" in [button.label for button in page.button]
    assert all(one.disabled for one in [*page.selectbox, *page.text_input, *page.text_area])


def test_in_practice_the_clock_is_paused_and_the_sheet_covered(begin: Any) -> None:
    sitting = begin()
    page = press(at_step(sitting, 1), "Pause")
    assert sitting.state().clock.paused
    assert fields(page, sitting) == {}
    assert fields(press(page, "Go on"), sitting) != {}


def asked(begin: Any) -> tuple[Sitting, AppTest, State]:
    """A question about the peak, after step 5."""
    sitting = begin()
    page = press(at_step(sitting, 5), "Done with this step")
    state = sitting.state()
    assert state.question is not None
    assert state.question.fields
    return sitting, page, state


def test_a_half_written_answer_is_there_after_a_reload_and_counts_when_it_is_given(begin: Any) -> None:
    sitting, page, state = asked(begin)
    assert state.question is not None
    assert state.question.text in words(page).replace("\\", "")
    for field, text in (("_free_text_0", "Some millions wait."), ("_drain_s_0", "2 min")):
        (one,) = [one for one in (*page.text_area, *page.text_input) if f"_0{field}" in one.key]
        one.set_value(text)
    shown(page.run())
    assert not sitting.state().asked[-1].free_text
    page = opened(interview=sitting.id)
    assert "Some millions wait." in [one.value for one in page.text_area]
    press(page, "Answer")
    given = next(one for one in sitting.state().asked if one.id == state.question.id)
    assert (given.free_text, given.structured.drain_s) == ("Some millions wait.", 120.0)


def test_a_question_can_be_narrowed_and_not_known(begin: Any) -> None:
    sitting, page, _ = asked(begin)
    page = press(page, "Ask more narrowly")
    now = sitting.state().question
    assert now is not None
    assert now.form == "directed"
    press(page, "I do not know")
    assert sitting.state().asked[0].outcome == "do_not_know"


def test_a_hint_is_given_and_stays(begin: Any) -> None:
    sitting = begin()
    page = at_step(sitting, 3)
    page.selectbox(key="interview_hint_about").set_value("3c")
    press(page, "Give me a hint")
    (hint,) = sitting.state().hints
    assert hint.text in words(opened(interview=sitting.id)).replace("\\", "")


def test_what_was_understood_can_be_taken_back(begin: Any) -> None:
    sitting = begin()
    page = at_step(sitting, 3)
    fields(page, sitting)["free_text"].set_value("Push costs one write for each follower, so the lists grow.")
    page = shown(page.run())
    before = sitting.state().chips[3]
    assert before
    next(one for one in page.button if (one.key or "").startswith("interview_chip_3_0")).click()
    shown(page.run())
    assert len(sitting.state().chips[3]) == len(before) - 1


def test_every_field_has_a_name_for_who_cannot_see_it(begin: Any) -> None:
    for step in range(1, 7):
        sitting = begin()
        for path, one in fields(at_step(sitting, step), sitting).items():
            said = FORMS[step].question if path == "free_text" else title(path)
            assert (one.proto.label if hasattr(one.proto, "label") else one.label).startswith(said), path


def test_what_a_page_shows_of_a_value_is_what_is_kept(begin: Any) -> None:
    sitting = begin()
    page = at_step(sitting, 3)
    fields(page, sitting)["estimate.deliveries_saved_share"].set_value("99.99 %")
    shown(page.run())
    assert value_at(sheet_of(sitting.state().steps, 3), "estimate.deliveries_saved_share") == 0.9999


def clock_of(page: AppTest) -> dict[str, Any]:
    """What the clock's element is told."""
    (element,) = page.get("bidi_component")
    told: dict[str, Any] = json.loads(element.proto.json)
    return told


def test_the_clock_says_what_is_left_and_turns_amber_at_the_end_of_a_step(begin: Any, now: Clock) -> None:
    sitting = begin()
    page = at_step(sitting, 1)
    told = clock_of(page)
    assert (told["of_s"], told["box_s"], told["amber"], told["said"]) == (2700.0, 360.0, False, "")
    assert told["turns_s"] == [2400.0, 2700.0]
    for _ in range(13):
        now.at_s += 30.0
        page = shown(page.run())
    told = clock_of(page)
    assert (told["elapsed_s"], told["in_box_s"], told["amber"]) == (390.0, 390.0, True)
    assert "the clock goes on" in told["said"]
    assert "Done with this step" in [button.label for button in page.button]
    page = press(page, "No, I am thinking")
    assert "The time planned for this part is over" in words(page)


def test_at_forty_minutes_the_own_run_is_there_to_be_read(begin: Any, now: Clock) -> None:
    sitting = begin()
    page = at_step(sitting, 3)
    fields(page, sitting)["estimate.rows_per_read"].set_value("60")
    for _ in range(41):
        now.at_s += 60.0
        page = shown(page.run())
    assert sitting.state().phase == "7"
    assert "bottleneck" in fields(page, sitting)
    assert sitting.state().steps.s3.structured.estimate.rows_per_read == 60.0


def test_extra_time_is_on_the_clock_and_nowhere_else(progress_folder: Path) -> None:
    page = opened(seed="3", level="mid")
    page.selectbox(key="interview_new_extra").set_value(1.5)
    page = press(page, "Begin")
    assert clock_of(page)["of_s"] == 4050.0
    assert "1.5" not in words(page) + clock_of(page)["title"]
