"""A lesson is right if its claims hold for every seed, and fail without its mechanism; anything else is said."""

import pytest

from engine.experiments.replicate import Task
from lessons.check import check
from lessons.front import read_lesson
from tests.experiments.executors import Scripted, Synchronous
from tests.lessons.written import lesson, write

HARD = (
    "Characteristically, heterogeneous infrastructural considerations necessitate unconditional reconsideration, "
    "notwithstanding organisational prioritisation of comparatively insignificant instrumentation responsibilities."
)


def played(figures):
    """What every run measures, by (strategy, seed); everything else is 0."""

    def of(task: Task):
        return figures(task.request.config.strategy.name, task.request.config.seed)

    return Scripted(of)


def true_figures(strategy, seed):
    return {"deliveries": 900.0 if strategy == "push" else 100.0, "home_p99_ms": 20.0}


def judged(one, figures=true_figures, **rest):
    return check([one], executor=played(figures), **rest)[0]


def test_a_true_lesson_is_right_and_its_figures_are_there(tmp_path):
    found = judged(lesson(tmp_path))
    assert found.problems == ()
    assert found.right
    more, quick = found.checked
    assert (more.values, more.without) == ((9.0,) * 3, (1.0,) * 3)
    assert (quick.values, quick.without) == ((20.0,) * 3, (20.0,) * 3)


def test_a_claim_that_fails_for_one_seed_is_wrong(tmp_path):
    def once_less(strategy, seed):
        return true_figures(strategy, seed) if seed != 9 else {"deliveries": 300.0 if strategy == "push" else 100.0}

    strict = lesson(tmp_path, ("\nlow = 2", "\nlow = 5"))
    assert judged(strict, once_less).problems == ("claim more: 3.0x is not at least 5.0x",)


def test_a_control_has_to_hold_too(tmp_path):
    found = judged(lesson(tmp_path), lambda strategy, seed: {**true_figures(strategy, seed), "home_p99_ms": 301.0})
    assert [problem for problem in found.problems if "quick" in problem] == [
        "claim quick: 301 ms is not at most 300 ms"
    ]


def test_a_claim_that_holds_without_the_mechanism_proves_nothing(tmp_path):
    idle = lesson(tmp_path, ('strategy = "push"\n\n[change]', 'strategy = "hybrid"\n\n[change]'))
    assert judged(idle).problems == ("claim more: it also holds without the mechanism (9.0x)",)


def test_nothing_counted_is_no_proof(tmp_path):
    found = judged(lesson(tmp_path), lambda strategy, seed: {"deliveries": None, "home_p99_ms": 20.0})
    assert found.problems[0] == "claim more: nothing is not at least 2.0x"
    assert "prediction: a run counted nothing that would answer it" in found.problems


def test_seeds_that_answer_the_question_differently_are_said(tmp_path):
    wide = lesson(tmp_path, ("\nlow = 2", "\nlow = 1.5"))
    found = judged(
        wide, lambda strategy, seed: {"deliveries": (170.0 if seed == 8 else 900.0) if strategy == "push" else 100.0}
    )
    assert found.problems == ("prediction: the seeds answer it differently: more (9.0x), same (1.7x)",)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (('knob = "workers.count"', 'knob = "workers.cont"'), "workers.cont"),
        (("values = [8, 16]", "values = [8, -1]"), "workers.count"),
        (('strategy = "hybrid"', 'strategy = "hybird"'), "hybird"),
        (('scenario = "celebrity"', 'scenario = "celeb"'), "celeb"),
        (("seconds = 8", 'seconds = 8\nfaults = ["shard_dwn@3"]'), "shard_dwn"),
        (('read = "home_p99_ms"', 'read = "home_p98_ms"'), "There is no figure 'home_p98_ms'"),
    ],
)
def test_names_that_the_engine_does_not_have_are_said_and_nothing_is_run(tmp_path, change, told):
    executor = played(true_figures)
    found = check([lesson(tmp_path, change)], executor=executor)[0]
    assert told in found.problems[0]
    assert executor.submitted == 0
    assert not found.right


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("{more} the copies", "{moore} the copies"), "there is no figure {moore}; allowed: predicted, more, quick"),
        (("Push copies each post to all.", "It was {more}."), "Before: it shows more, which nobody has measured yet"),
        (("It wrote {more} the copies. ", ""), "the claim more is checked, but the text never shows its figure"),
        (("(/load)", "(/loads)"), "Why: the link /loads leads nowhere"),
        (("(/load)", "(/lessons?lesson=99-none)"), "Why: the link /lessons?lesson=99-none leads nowhere"),
        (("explains = []", 'explains = ["trims"]'), "`explains` has trims, but the text never says 'Trimmed entries'"),
        (
            ("Look at the line.", HARD),
            "the text reads at school year",
        ),
    ],
)  # fmt: skip
def test_the_text_is_judged(tmp_path, change, told):
    (problem,) = [problem for problem in judged(lesson(tmp_path, change)).problems if told in problem]
    assert problem


def test_the_figure_of_a_claim_may_stand_under_another_name(tmp_path):
    assert judged(lesson(tmp_path, ("{more} the copies", "{predicted} the copies"))).right


def test_links_may_lead_to_lessons_that_are_not_judged_now(tmp_path):
    linked = lesson(tmp_path, ("(/load)", "(/lessons?lesson=08-hybrid)"))
    assert judged(linked, others=["08-hybrid"]).right


def test_on_the_real_engine_the_same_lesson_is_right(tmp_path):
    found = check([read_lesson(write(tmp_path))], seeds=2, executor=Synchronous())[0]
    assert found.problems == ()
    assert [len(each.values) for each in found.checked] == [2, 2]
