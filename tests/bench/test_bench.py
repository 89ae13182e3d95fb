"""The bench in short: no row of the engine at half of what it usually is, and a table that says what does not hold."""

import json
import time
from collections.abc import Callable
from dataclasses import replace

import pytest

from engine.world import World
from tests.bench.__main__ import main
from tests.bench.row import Row, Skipped, in_turns
from tests.bench.rows import ROWS, SHORT
from tests.bench.table import as_table
from tests.bench.typical import TYPICAL
from tests.conftest import missing

MADE_UP = Row(
    name="made up", what="one thing against another", ours=30.0, reference=10.0, unit="1/s", ratio=3.0,
    spread=(2.5, 3.5), floor=2.0, aim=4.0,
)  # fmt: skip


def measured(name: str) -> Row:
    row = ROWS[name](True)
    if isinstance(row, Skipped):
        missing(row.reason)
    assert row.wrong == ""
    return row


def lost(name: str, row: Row) -> float:
    """How many times worse than usual."""
    return row.ratio / TYPICAL[name] if row.at_most else TYPICAL[name] / row.ratio


@pytest.mark.parametrize("name", SHORT)
def test_no_row_has_lost_a_factor_of_two(name: str) -> None:
    row = measured(name)
    assert lost(name, row) < 2, f"{name}: {row.ratio:.3g}, usually {TYPICAL[name]:.3g}: {row}"


def three_times_as_slow(work: Callable[..., None]) -> Callable[..., None]:
    def slow(*given: object) -> None:
        began_s = time.process_time()
        work(*given)
        end_s = time.process_time() + 2 * (time.process_time() - began_s)
        while time.process_time() < end_s:
            pass

    return slow


@pytest.mark.long
def test_a_world_three_times_as_slow_would_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("publish", "step"):
        monkeypatch.setattr(World, name, three_times_as_slow(getattr(World, name)))
    assert lost("celebrity", measured("celebrity")) > 2


def test_every_row_of_the_short_form_has_a_usual_value() -> None:
    assert set(TYPICAL) == set(SHORT) <= set(ROWS)


def test_a_row_holds_on_its_side_of_the_floor_and_only_if_nothing_is_wrong() -> None:
    assert MADE_UP.holds
    assert not replace(MADE_UP, floor=3.1).holds
    assert not replace(MADE_UP, at_most=True).holds
    assert replace(MADE_UP, at_most=True, floor=3.0).holds
    assert not replace(MADE_UP, wrong="nothing was done").holds


def test_the_best_of_each_side_counts_and_the_first_round_does_not() -> None:
    pair = in_turns([900.0, 4.0, 6.0].__getitem__, [0.1, 2.0, 1.0].__getitem__, 2)
    assert (pair.ours, pair.reference, pair.ratio, pair.spread) == (6, 2, 3, (2, 6))


def test_the_table_says_what_does_not_hold_and_why() -> None:
    rows: list[Row | Skipped] = [
        MADE_UP,
        replace(MADE_UP, name="slow", floor=9.0, wrong="waits are off"),
        Skipped("away", "no server"),
    ]
    table = as_table(rows, "real time")
    lines = {line.split("  ")[0]: line for line in table.splitlines()}
    assert "holds" in lines["made up"]
    assert "DOES NOT HOLD" in lines["slow"]
    assert "skipped" in lines["away"]
    assert "WRONG: waits are off" in table
    assert "no server" in table
    assert "cores" in table


def test_the_command_prints_json_and_fails_where_a_row_does_not_hold(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = {"good": lambda _: MADE_UP, "bad": lambda _: replace(MADE_UP, floor=9.0)}
    monkeypatch.setattr("tests.bench.__main__.ROWS", rows)
    assert main(["good", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["rows"][0]["ratio"], told["rows"][0]["holds"]) == (3, True)
    assert {"simd", "cores"} <= set(told["machine"])
    assert main(["good", "bad"]) == 1
    with pytest.raises(SystemExit):
        main(["unknown"])
