"""Calibration: what is timed is done, a figure is the time of one item, and only what was measured has a price."""

import json
import shutil
from contextlib import nullcontext
from pathlib import Path

import pytest
import redis

import engine.__main__ as command_line
from engine.errors import MurmurationError, StoreError, UnknownName
from engine.experiments.calibrate import Calibration, Effort, Figure, _Bench, calibrate, machine
from engine.experiments.local_redis import local_redis
from engine.experiments.prices import PRICES, load_prices, save_prices
from engine.timelines import make_store
from engine.timelines.redis_store import RedisStore
from engine.timelines.ring import RingStore
from tests.conftest import missing

TINY = Effort(repetitions=3, cap=30, lists=120, reads=4, ring_lists=50, ring_posts=2)
ITEMS = {
    "redis": {"push": 120, "push, server": 120, "push, client": 120, "read": 4, "read, server": 4}
    | {"write, alone": 120, "write, pipelined": 120},
    "fakeredis": {"push": 100, "read": 4, "write, alone": 100, "write, pipelined": 100},
    "ring": {"push": 100, "read": 50},
    "journal": {"commit": 1},
    "duckdb": {"commit": 1},
}


class Ticking:
    """A wall clock that is a millisecond later at each look, and whatever else is added."""

    def __init__(self) -> None:
        self.at_s = 0.0

    def now_s(self) -> float:
        self.at_s += 0.001
        return self.at_s

    def sleep_s(self, seconds: float) -> None:
        self.at_s += seconds


def made_up(**medians: dict[str, float]) -> Calibration:
    return Calibration(
        {
            backend: tuple(Figure(backend, name, "made up", 10, (us, us, 9 * us)) for name, us in figures.items())
            for backend, figures in medians.items()
        }
    )


REDIS = {"push": 20, "push, server": 12, "push, client": 8, "read": 200, "read, server": 30, "write, alone": 90}
FAKE, RING, JOURNAL = {"push": 140, "read": 500}, {"push": 0.03, "read": 0.05}, {"commit": 310}


def test_each_repetition_is_timed_alone_and_the_first_call_not_at_all():
    clock, numbers = Ticking(), []

    def work(number: int) -> None:
        numbers.append(number)
        clock.at_s += number / 100 if number else 60

    figure = _Bench("here", 3, clock).figure("work", "by hand", 10, work)
    assert numbers == [0, 1, 2, 3]
    assert figure.samples_us == pytest.approx((1_100, 2_100, 3_100))
    assert figure.median_us == pytest.approx(2_100)
    assert figure.quartiles_us == pytest.approx((1_600, 2_600))


def test_a_servers_share_is_taken_from_the_whole_and_what_is_left_is_never_negative():
    clock, used = Ticking(), [0.0]

    def work(number: int) -> None:
        clock.at_s += 0.009
        used[0] += 0.004 * number

    whole, server, client = _Bench("here", 3, clock).split("work", "by hand", 10, work, lambda: used[0])
    assert whole.samples_us == pytest.approx((1_000, 1_000, 1_000))
    assert server.samples_us == pytest.approx((400, 800, 1_200))
    assert client.samples_us == pytest.approx((600, 200, 0))


def test_without_a_server_everything_else_is_measured_for_one_item_each(tmp_path):
    found = calibrate(None, tmp_path, TINY, Ticking()).figures
    assert {backend: {figure.name: figure.items for figure in figures} for backend, figures in found.items()} == {
        backend: items for backend, items in ITEMS.items() if backend != "redis"
    }
    for figures in found.values():
        for figure in figures:
            assert figure.samples_us == pytest.approx([1_000 / figure.items] * 3)
    assert list(tmp_path.iterdir()) == []


def test_on_a_real_server_its_own_time_is_told_apart_and_no_key_stays(tmp_path, redis_url):
    url = redis_url.rpartition("/")[0] + "/8"  # a database that no other test uses
    measured = calibrate(url, tmp_path, TINY, Ticking())
    by_name = {figure.name: figure for figure in measured.figures["redis"]}
    assert {name: figure.items for name, figure in by_name.items()} == ITEMS["redis"]
    for name in ("push", "read", "write, alone", "write, pipelined"):
        assert by_name[name].samples_us == pytest.approx([1_000 / by_name[name].items] * 3)
    whole, server, client = (by_name[f"push{part}"].samples_us for part in ("", ", server", ", client"))
    assert sum(server) > 0
    assert client == pytest.approx([max(w - s, 0) for w, s in zip(whole, server, strict=True)])
    listed = measured.price_list()
    assert "Measured on Redis " in listed.sources["costs.list_read_us"]
    assert listed.prices["costs.list_write_us"] == pytest.approx(by_name["push, server"].median_us, rel=1e-3)
    with redis.Redis.from_url(url) as client_of_test:
        assert client_of_test.dbsize() == 0


@pytest.mark.parametrize("kind", [RingStore, RedisStore])
def test_every_timed_copy_enters_a_full_list_and_every_timed_page_is_full(kind, tmp_path, monkeypatch):
    pushes, pages = [], []
    push, read = kind.push, kind.read
    monkeypatch.setattr(kind, "push", lambda *given: pushes.append(push(*given)) or pushes[-1])
    monkeypatch.setattr(kind, "read", lambda *given: pages.append(read(*given)) or pages[-1])
    calibrate(None, tmp_path, TINY, Ticking())
    assert len(pushes) == 4  # one ahead, unmeasured
    assert all(done.inserted.all() and done.trims == 100 for done in pushes)
    assert all((page.rows >= 0).all() and page.rows.shape[1] == 20 for page in pages)
    assert sum(len(page.rows) for page in pages) == 4 * (50 if kind is RingStore else 4)


def test_plain_writes_are_new_to_each_list(tmp_path, monkeypatch):
    import fakeredis

    added: list[int] = []
    zadd = fakeredis.FakeRedis.zadd
    monkeypatch.setattr(fakeredis.FakeRedis, "zadd", lambda *given: added.append(zadd(*given)) or added[-1])
    calibrate(None, tmp_path, TINY, Ticking())
    assert added == [1] * 4 * 100  # those in pipelines answer later, to the pipeline


def test_prices_are_those_of_redis_where_there_is_one_and_of_the_ring_otherwise():
    both = made_up(redis=REDIS, fakeredis=FAKE, ring=RING, journal=JOURNAL)
    prices = {"costs.commit_us": 310, "costs.delivery_us": 8, "costs.list_write_us": 12, "costs.list_read_us": 30}
    assert both.price_list().prices == prices
    assert both.price_list().name == "calibrated-redis"
    alone = made_up(fakeredis=FAKE, ring=RING, journal=JOURNAL).price_list()
    assert alone.prices == {"costs.commit_us": 310, "costs.delivery_us": 0.03, "costs.list_read_us": 0.05}
    assert alone.name == "calibrated-ring"
    asked = both.price_list("fakeredis")
    assert asked.prices == {"costs.commit_us": 310, "costs.delivery_us": 140, "costs.list_read_us": 500}
    for listed in (both.price_list(), alone, asked):
        assert set(listed.sources) == set(listed.prices)
        assert sorted([*listed.prices, *listed.kept]) == sorted(PRICES)


def test_each_price_says_what_it_is_of():
    source = made_up(redis=REDIS, ring=RING, journal=JOURNAL).price_list("ring").sources["costs.delivery_us"]
    assert source == "Measured on ring: made up; median of 3 x 10, quartiles 0.03 to 0.15."


def test_prices_of_what_was_not_measured_are_refused():
    with pytest.raises(UnknownName, match="'redis' was not measured; allowed here: ring"):
        made_up(ring=RING, journal=JOURNAL).price_list("redis")


def test_the_table_has_a_line_for_each_figure():
    lines = made_up(redis=REDIS, journal={"commit": 4_321.5}).table().splitlines()
    assert " ".join(lines[0].split()) == "place figure median us quartiles us repetitions how measured"
    assert len(lines) == 1 + len(REDIS) + 1
    assert lines[-1].split() == ["journal", "commit", "4,322", "4,322", "-", "21,608", "3", "x", "10", "made", "up"]


def test_a_calibrated_list_survives_a_file(tmp_path):
    listed = calibrate(None, tmp_path, TINY, Ticking()).price_list()
    save_prices(listed, tmp_path / "mine.json")
    assert load_prices(tmp_path / "mine.json") == listed
    assert listed.machine == machine()
    assert set(listed.machine) == {"cpu", "cores", "python", "numpy", "simd"}
    assert all(listed.machine.values())


def test_a_server_that_does_not_answer_and_a_folder_that_cannot_be_written_are_named(tmp_path):
    with pytest.raises(StoreError, match="No Redis server answers at redis://127"):
        calibrate("redis://127.0.0.1:1/0", tmp_path, TINY, Ticking())
    with pytest.raises(MurmurationError, match="nowhere: cannot be written, so no commit can be measured"):
        calibrate(None, tmp_path / "nowhere", TINY, Ticking())


def test_a_server_of_ones_own_is_there_for_as_long_as_it_is_needed():
    if not shutil.which("redis-server"):
        missing("no redis-server binary")
    with local_redis(command_line.SystemWallClock()) as url:
        assert url is not None
        make_store("redis", 1, 1, url).clear()
    with pytest.raises(StoreError):
        make_store("redis", 1, 1, url)


def test_without_a_binary_there_is_no_server_and_one_that_ends_at_once_is_an_error():
    with local_redis(Ticking(), "no-such-server") as url:
        assert url is None
    with pytest.raises(StoreError, match="false does not start"), local_redis(Ticking(), "false"):
        pass


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """The command without a server, and with little effort."""
    monkeypatch.delenv("REDIS_URL", raising=False)
    monkeypatch.setattr("engine.experiments.local_redis.local_redis", lambda wall: nullcontext(None))
    tiny = lambda url, folder, wall: calibrate(url, folder, TINY, wall)  # noqa: E731
    monkeypatch.setattr("engine.experiments.calibrate.calibrate", tiny)


def test_the_command_prints_one_json_object_that_a_run_accepts(quick, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert command_line.main(["calibrate"]) == 0
    captured = capsys.readouterr()
    assert json.loads(captured.out)["name"] == "calibrated-ring"
    assert "numpy ring" in captured.err
    assert "no Redis: " in captured.err
    (tmp_path / "mine.json").write_text(captured.out)
    assert command_line.main(["run", "--json", "--seconds", "1", "--costs", "mine.json"]) == 0
    ran = json.loads(capsys.readouterr().out)
    assert ran["config"]["costs.commit_us"] == json.loads(captured.out)["prices"]["costs.commit_us"]
    assert ran["cost"]["price_list"]["name"] == "calibrated-ring"


def test_the_command_writes_a_file_and_prints_the_table(quick, tmp_path, capsys):
    assert command_line.main(["calibrate", "--out", str(tmp_path / "mine.json"), "--backend", "fakeredis"]) == 0
    assert capsys.readouterr().out.startswith("place ")
    assert load_prices(tmp_path / "mine.json").name == "calibrated-fakeredis"


@pytest.mark.parametrize(
    ("arguments", "status", "says"),
    [
        (["--out", "FOLDER"], 2, "allowed: a file in a folder that exists"),
        (["--out", "FOLDER/no/mine.json"], 2, "allowed: a file in a folder that exists"),
        (["--backend", "dragonfly"], 2, "'ring', 'fakeredis', 'redis'"),
        (["--backend", "redis"], 1, "no prices of 'redis' without a server"),
        (["--redis-url", "redis://127.0.0.1:1/0"], 1, "No Redis server answers"),
    ],
)
def test_a_refusal_is_one_sentence(arguments, status, says, quick, tmp_path: Path, capsys):
    assert command_line.main(["calibrate", *(one.replace("FOLDER", str(tmp_path)) for one in arguments)]) == status
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.splitlines()[-1].startswith("error: ")
    assert says in captured.err.splitlines()[-1]
    assert list(tmp_path.iterdir()) == []
