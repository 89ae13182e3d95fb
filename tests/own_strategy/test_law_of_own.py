"""The check of one's own strategy: which rule was broken by which post and reader, and where the code is wrong."""

import numpy as np
import pytest

from engine.config import WorldConfig
from engine.errors import OwnCodeFailed, UnknownName
from engine.own_strategy.histories import history
from engine.own_strategy.law import check_law
from engine.own_strategy.template import TEMPLATE
from engine.write_path.strategies import STRATEGIES, load_own, make_strategy, with_strategy

HEAD = "import numpy as np\nfrom engine import Strategy\nclass Mine(Strategy):\n"
HYBRID = HEAD + (
    "    def pushes(self, posts):\n        return posts.followers < 3\n"
    "    def holds_list(self, members):\n        return members.away_days <= 30\n"
)


def judged(source: str, histories: int = 3, **options):
    return check_law(lambda: load_own(source, "mine.py"), histories=histories, **options)


def test_the_template_has_about_ten_lines_of_code():
    assert len([line for line in TEMPLATE.splitlines() if line.strip()]) <= 10


IN_SHORT = ("hybrid", "per_edge")
"""The others differ from these in what tests/law tries on them."""


@pytest.mark.parametrize(
    "slug",
    [
        pytest.param(slug, marks=[] if slug in IN_SHORT else [pytest.mark.long])
        for slug, kind in STRATEGIES.items()
        if not kind.lossy
    ],
)
def test_every_strategy_of_ours_passes(slug):
    name = STRATEGIES[slug].__name__
    source = (
        f"from {STRATEGIES[slug].__module__} import {name}\nclass Mine({name}):\n    @classmethod\n"
        f"    def of(cls, config):\n        return super().of(config.with_knobs({{'strategy.threshold': 3, "
        f"'strategy.delay_s': 1, 'strategy.push_pull_ratio': 2, 'strategy.rate_memory_s': 2, 'cache.ttl_s': 1}}))\n"
    )
    found = judged(source)
    assert found.lawful, found.line


def test_lossy_is_told_to_lose_and_how_much():
    source = (
        "from engine.write_path.strategies.lossy import Lossy\nclass Mine(Lossy):\n    @classmethod\n"
        "    def of(cls, config):\n        return cls(2)\n"
    )
    found = judged(source, 5)
    assert found.lawful
    assert found.lost > 0
    assert f"{found.lost:,} entries" in found.line


@pytest.mark.parametrize(
    "pulls",
    [
        "last_unpushed < 0",
        pytest.param("last_unpushed > floor + 3", marks=pytest.mark.long),
        "(last_unpushed >= floor) & (last_unpushed % 2 == 0)",
    ],
)
def test_a_reader_who_does_not_ask_misses_a_post_and_rule_4_says_so(pulls):
    found = judged(HYBRID + f"    def pulls(self, last_unpushed, floor):\n        return {pulls}\n", 10)
    assert (found.lawful, found.rule) == (False, 4)
    assert f"person {found.user} is not shown post {found.row} by" in found.line
    told = history(1, found.history)
    assert found.user in {user for pair in told.follows for user in pair} | {act.user for act in told.acts}


def test_copies_dropped_in_secret_are_seen(monkeypatch):
    """A broken engine under an innocent strategy: every fourth row is lost on its way into the lists."""
    from engine.timelines.ring import RingStore

    push = RingStore.push
    monkeypatch.setattr(
        RingStore, "push", lambda self, owners, rows: push(self, owners[rows % 4 > 0], rows[rows % 4 > 0])
    )
    with pytest.raises((ValueError, IndexError, AssertionError)):
        assert judged(HYBRID).lawful


def test_answers_by_chance_are_caught():
    source = HYBRID.replace("return posts.followers < 3", "return np.random.rand(len(posts.author)) < 0.5")
    found = judged(source)
    assert not found.lawful
    assert "played twice" in found.line
    assert "pushes" in found.line


@pytest.mark.parametrize(
    ("body", "said", "line"),
    [
        ("return posts.followers", "answers int32 of shape (0,); expected a numpy array of bool of shape (0,)", 4),
        (
            "return (posts.followers < 3)[:1].repeat(7)",
            "answers bool of shape (7,); expected a numpy array of bool of shape (1,)",
            4,
        ),
        ("return True", "answers bool; expected", 4),
        ("pass", "answers nothing; expected", 4),
        ("return [f < 3 for f in posts.followers]", "answers list; expected", 4),
        ("posts.followers[:] = 0", "it changes what it was asked about", 5),
        ("posts.author.sort()", "it changes what it was asked about", 5),
        ("raise KeyError('x')", "KeyError: 'x'.", 5),
        ("return posts.folowers < 3", "AttributeError", 5),
        ("exit()", "NameError", 5),
        ("return self.pushes(posts)", "RecursionError", 5),
    ],
)
def test_a_wrong_answer_is_one_sentence_with_the_code_s_own_line(body, said, line):
    found = judged(HYBRID.replace("return posts.followers < 3", body))
    assert not found.lawful
    if "exit" in body:
        assert "mine.py, line 5, in pushes" in found.line
        return
    assert said in found.line
    assert found.code_line == line
    assert found.line.startswith(f"mine.py, line {line}, in pushes: ")
    assert "\n" not in found.line
    assert "engine/" not in found.line


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("class Mine(:", "line 1: SyntaxError"),
        ("x = 1\n\ny = undefined", "line 3: NameError"),
        ("class Mine: pass", "does not define one strategy"),
        (HYBRID + "class Other(Mine): pass", "it has: Mine, Other"),
        (HYBRID + "    keep_ns = -5\n", "keep_ns is -5"),
        (HYBRID + "    later_ns = 5\n", "later_ns is 5"),
        (HEAD + "    def __init__(self, x): pass", "TypeError"),
        (HEAD + "    def holds_list(self, members): return members.away_days < 1", "NotImplementedError"),
        ("import nothing_of_that_name", "ModuleNotFoundError"),
    ],
)
def test_code_that_is_no_strategy_is_told_why(source, said):
    with pytest.raises(OwnCodeFailed, match=r"mine\.py") as failed:
        make_strategy(named(load_own(source, "mine.py"))).pushes(nothing_posted())
    assert said in str(failed.value)


def named(own):
    from dataclasses import replace

    config = WorldConfig()
    return replace(config, strategy=replace(config.strategy, name=f"{own.file}:{own.type.__name__}"))


def nothing_posted():
    from engine.write_path.strategies import Writers

    return Writers(np.zeros(0, np.int32), np.zeros(0, np.int32), np.zeros(0, np.int64))


# From a file


def test_a_file_is_named_like_a_strategy_only_where_that_is_asked_for(tmp_path):
    file = tmp_path / "my.py"
    file.write_text(HYBRID + "    params = {'threshold': 'strategy.threshold'}\n")
    config = with_strategy(WorldConfig(), f"{file}:Mine:threshold=7", own=True)
    assert (config.strategy.threshold, config.strategy.name) == (7, f"{file}:Mine")
    assert make_strategy(config).idea
    for spec in (f"{file}:Mine", "my.py:Mine"):
        with pytest.raises(UnknownName):
            with_strategy(WorldConfig(), spec)
    with pytest.raises(OwnCodeFailed, match="No such file"):
        with_strategy(WorldConfig(), f"{tmp_path}/other.py:Mine", own=True)
    with pytest.raises(OwnCodeFailed, match="does not define a strategy Other"):
        with_strategy(WorldConfig(), f"{file}:Other", own=True)
