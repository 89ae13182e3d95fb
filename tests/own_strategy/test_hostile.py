"""Code that means harm, or goes wrong: one sentence comes back, soon, and nothing else has happened."""

import os
import time
from pathlib import Path

import pytest

from engine import RunRequest, preset_config, run, with_strategy
from engine import apart as apart_module
from engine.errors import InvalidInput, InvalidKnob, NotAllowed, OwnCodeFailed
from engine.own_strategy import TEMPLATE, Checked, Limits, OwnCodePolicy, Work, check, measure
from engine.own_strategy import sandbox as sandbox_module

HERE = OwnCodePolicy(shared=False)
QUICK = Limits(wall_s=4.0, memory_mb=256)
FEW = Work(histories=2)
BODY = (
    "        return posts.followers < 200   # True: written into the lists of all followers; False: readers pull it\n"
)


def with_body(*lines: str) -> str:
    """The template, with another answer to `pushes`; its first line is line 8."""
    assert BODY in TEMPLATE
    return TEMPLATE.replace(BODY, "".join(f"        {line}\n" for line in lines))


def verdict(*lines: str, limits: Limits = QUICK) -> Checked:
    return check(with_body(*lines), FEW, policy=HERE, limits=limits)


def test_the_template_is_lawful_and_measured_on_the_load_that_everybody_gets():
    checked = check(TEMPLATE, FEW, policy=HERE)
    assert (checked.verdict.lawful, checked.verdict.histories) == (True, 2)
    work = Work(scenario="steady", seconds=2)
    mine = measure(TEMPLATE, work, policy=HERE).report
    assert mine["load"]["posts"] > 0
    assert mine["audit"]["missing"] == 0
    hybrid = with_strategy(preset_config("classroom", seed=7), "hybrid:threshold=200")
    assert mine["load"] == run(RunRequest(config=hybrid, scenario="steady", seconds=2)).report["load"]
    assert mine["config"]["strategy"] == "mine.py:Mine"


def test_an_endless_loop_is_stopped_and_its_line_named():
    began = time.monotonic()
    checked = verdict("while True:", "    pass", limits=Limits(wall_s=1.0))
    assert time.monotonic() - began < 15
    line = checked.verdict.code_line
    assert line in (8, 9)
    assert checked.verdict.line == f"mine.py, line {line}: it took more than 1 s and was stopped."


LIVES_ON = ("import time", "while True:", "    try: time.sleep(60)", "    except BaseException: pass")


def test_one_that_catches_everything_is_out_at_the_second_signal():
    checked = verdict(*LIVES_ON, limits=Limits(wall_s=0.5))
    assert checked.verdict.line == "The code went on after its 0.5 s were over, and was killed."


def test_one_that_throws_the_signals_away_is_killed_from_outside(monkeypatch):
    monkeypatch.setattr(sandbox_module, "_GRACE_S", 0.5)
    off = ("import signal", "for s in (signal.SIGALRM, signal.SIGXCPU): signal.signal(s, signal.SIG_IGN)")
    began = time.monotonic()
    checked = verdict(*off, *LIVES_ON, limits=Limits(wall_s=0.5))
    assert time.monotonic() - began < 8
    assert checked.verdict.line == "The code went on after its 0.5 s were over, and was killed."


def test_a_sleeper_is_woken():
    checked = verdict("import time", "time.sleep(600)", limits=Limits(wall_s=1.0))
    assert checked.verdict.line == "mine.py, line 9: it took more than 1 s and was stopped."


@pytest.mark.parametrize("grab", ["x = bytearray(10**10)", "x = [b'x' * 10**7 for _ in range(10**4)]"])
def test_a_memory_bomb_finds_no_memory(grab):
    checked = verdict(grab, limits=QUICK)
    assert checked.verdict.line == "mine.py, line 8, in pushes: it needs more memory than there is for it."


REFUSED = {
    "fork": ("import os", "while True: os.fork()", "start a process"),
    "spawn": ("import subprocess", "subprocess.run(['/bin/true'])", "start a process"),
    "system": ("import os", "os.system('true')", "start a process"),
    "write": ("import os", "open(os.path.join(os.getcwd(), 'x'), 'w')", "write files"),
    "append": ("import os", "os.open('/tmp/own-x', os.O_WRONLY | os.O_CREAT)", "write files"),
    "read": ("import os", "open('/etc/passwd').read()", "read files"),
    "proc": ("import os", "open('/proc/self/mem', 'rb')", "read files"),
    "remove": ("import os", "os.remove('/tmp/own-y')", "change files"),
    "socket": ("import socket", "socket.create_connection(('127.0.0.1', 80))", "open a network connection"),
    "kill": ("import os", "os.kill(os.getppid(), 9)", "send signals"),
    "ctypes": ("import ctypes", "ctypes.CDLL(None).getpid()", "call C code"),
    "limits": ("import resource", "resource.setrlimit(resource.RLIMIT_CPU, (99, 99))", "change its limits"),
    "database": ("import sqlite3", "sqlite3.connect(':memory:')", "open a database"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_it_may_not_do_is_refused_in_words(case, tmp_path):
    first, second, what = REFUSED[case]
    checked = verdict(first, second)
    assert not checked.verdict.lawful
    assert checked.verdict.code_line in (8, 9)
    assert (
        f"PermissionError: this code may not {what}." in checked.verdict.line
        or "PermissionError" in checked.verdict.line
    )
    assert not Path("/tmp/own-x").exists()


def test_what_the_kernel_refuses_stays_refused_without_the_hook(monkeypatch):
    """With the hook out of the way: processes, sockets and files are refused where this machine filters calls."""
    source = with_body(
        "import os, socket",
        "done = []",
        "for attempt in (os.fork, lambda: socket.socket(), lambda: os.open('/tmp/own-z', os.O_WRONLY | os.O_CREAT)):",
        "    try:",
        "        attempt()",
        "        done.append(attempt)",
        "    except OSError: pass",
        "print(len(done), 'done')",
        "return posts.followers < 200",
    )
    child = "from engine.own_strategy import fence; fence._hook = lambda readable: lambda event, about: None; "
    popen = apart_module.subprocess.Popen

    def unhooked(command, **options):
        command[-1] = command[-1].replace("from engine.own_strategy.child", child + "from engine.own_strategy.child")
        return popen(command, **options)

    monkeypatch.setattr(apart_module.subprocess, "Popen", unhooked)
    checked = check(source, FEW, policy=HERE, limits=QUICK)
    if not any("The kernel refuses it sockets" in said for said in checked.isolation):
        pytest.skip("this machine takes no filter of system calls")
    assert checked.verdict.lawful
    assert set(checked.printed.split("\n")) <= {"0 done", ""} or checked.printed.startswith("0 done")
    assert not Path("/tmp/own-z").exists()


def test_it_sees_nothing_of_the_server_s_environment_and_stands_in_an_empty_folder(monkeypatch):
    monkeypatch.setenv("REDIS_URL", "redis://secret")
    checked = verdict("import os", "raise ValueError(str((sorted(os.environ), os.listdir('.'))))")
    assert "REDIS_URL" not in checked.verdict.line
    assert "secret" not in checked.verdict.line
    assert "[])" in checked.verdict.line
    assert "PATH" in checked.verdict.line


def test_megabytes_that_it_prints_are_thrown_away():
    once = ("if not hasattr(self, 'said'): print('x' * 5_000_000)", "self.said = True", "return posts.followers < 200")
    checked = verdict(*once, limits=Limits(wall_s=20, printed_bytes=100))
    assert checked.verdict.lawful
    assert checked.printed == "x" * 100


def test_what_it_printed_before_it_failed_is_there():
    checked = verdict("print('so far', flush=True)", "1 / 0")
    assert checked.printed == "so far\n"
    assert checked.verdict.line == "mine.py, line 9, in pushes: ZeroDivisionError: division by zero."


def test_its_process_may_go_without_an_answer():
    checked = verdict("import os", "os._exit(3)")
    assert checked.verdict.line == "The process of the code ended with status 3 before it had an answer."
    assert verdict("raise SystemExit(0)").verdict.line == "mine.py, line 8, in pushes: SystemExit: 0."


@pytest.mark.parametrize("answer", ["[]", "{}", "nan", "{'verdict': {'lawful': True}}", "x" * 5_000_000])
def test_an_answer_that_it_forges_is_read_as_plain_data_only(answer):
    body = ("import os, json", f"text = json.dumps({answer!r}) if {len(answer)} > 99 else {answer!r}",
            "[os.write(fd, text.encode()[:60_000]) for fd in range(3, 20) if os.path.exists(f'/proc/self/fd/{fd}')]",
            "os._exit(0)")  # fmt: skip
    checked = verdict(*body)
    assert not checked.verdict.lawful


def test_no_child_is_left():
    verdict("while True: pass", limits=Limits(wall_s=0.5))
    children = Path(f"/proc/self/task/{os.getpid()}/children")
    if children.exists():
        for pid in children.read_text().split():
            assert "own_strategy.child" not in Path(f"/proc/{pid}/cmdline").read_text()


# Policy and work


def test_in_a_shared_room_it_is_off_unless_the_instructor_allows_it():
    for address, environ, allowed in (
        ("localhost", {}, True),
        ("127.0.0.1", {"MURMURATION_OWN_CODE": "off"}, False),
        (None, {}, False),
        ("0.0.0.0", {}, False),
        ("0.0.0.0", {"MURMURATION_OWN_CODE": "allow"}, True),
    ):
        assert OwnCodePolicy.of_server(address, environ).allowed == allowed
    with pytest.raises(InvalidKnob, match="allowed: allow, off"):
        OwnCodePolicy.of_server(None, {"MURMURATION_OWN_CODE": "yes"})
    for refused in (check, measure):
        with pytest.raises(NotAllowed, match="off in a shared room"):
            refused(TEMPLATE, FEW, policy=OwnCodePolicy(shared=True))


@pytest.mark.parametrize(
    ("work", "said"),
    [
        (Work(world="country"), "small worlds"),
        (Work(world="mars"), "mars"),
        (Work(seconds=0), "seconds"),
        (Work(scenario="flood"), "flood"),
        (Work(knobs={"workers.count": 0}), "workers.count"),
        (Work(knobs={"timeline.backend": "redis"}), "reaches no server"),
    ],
)
def test_work_that_cannot_be_done_is_refused_before_anything_runs(work, said, monkeypatch):
    monkeypatch.setattr(apart_module.subprocess, "Popen", None)
    with pytest.raises(InvalidInput, match=said):
        measure(TEMPLATE, work, policy=HERE)


def test_a_measurement_of_what_fails_is_an_error():
    with pytest.raises(OwnCodeFailed, match=r"mine.py, line 8, in pushes: ZeroDivisionError") as failed:
        measure(with_body("return 1 / 0"), Work(seconds=1), policy=HERE, limits=QUICK)
    assert failed.value.line == 8
