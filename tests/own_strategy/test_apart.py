"""A process apart: fed, listened to, and gone with all it began, whatever it does."""

import os
import signal
import time
from pathlib import Path

import psutil
import pytest

from engine.apart import Ended, Patience, run_apart

QUICK = Patience(start_s=10, seconds=0.3, answer_bytes=20, printed_bytes=5)
BEGIN = "import os, sys; say = lambda text: os.write(int(sys.argv[1]), text); say(b'\\n'); "


def apart(code: str, given: bytes = b"", patience: Patience = QUICK, **options: object) -> Ended:
    return run_apart(
        lambda answer_fd: ["-I", "-c", code, str(answer_fd)],
        given,
        patience,
        folder=Path("/"),
        environment={"LANG": "C.UTF-8"},
        **options,
    )


@pytest.fixture(autouse=True)
def nothing_is_left():
    before, opened = set(psutil.Process().children(recursive=True)), psutil.Process().num_fds()
    yield
    assert set(psutil.Process().children(recursive=True)) <= before
    assert psutil.Process().num_fds() == opened


def test_it_gets_its_job_and_gives_an_answer_apart_from_what_it_prints():
    code = BEGIN + "print('abc' * 9, flush=True); say(sys.stdin.buffer.read()[-3:]); sys.exit(7)"
    ended = apart(code, b"x" * 500_000 + b"end")
    assert ended == Ended(status=7, begun=True, late=False, stopped=False, answered=b"end", printed=b"abcab")


def test_it_sees_nothing_of_ours():
    ended = apart(BEGIN + "say(','.join([os.getcwd(), *os.environ]).encode())")
    assert set(ended.answered.split(b",")) <= {b"/", b"LANG", b"LC_CTYPE"}


def test_its_time_begins_when_it_says_so():
    slow = apart("import time; time.sleep(0.6); " + BEGIN + "say(b'there')")
    assert (slow.late, slow.answered) == (False, b"there")
    never = apart("import time; time.sleep(60)", patience=Patience(start_s=0.3, seconds=60, answer_bytes=1))
    assert (never.begun, never.late, never.status) == (False, True, -signal.SIGKILL)
    began = time.monotonic()
    endless = apart(BEGIN + "say(b'half')\nwhile True: print('more', flush=True)")
    assert time.monotonic() - began < QUICK.start_s
    assert (endless.begun, endless.late, endless.status) == (True, True, -signal.SIGKILL)


def test_one_that_answers_without_end_is_cut_one_byte_after_what_is_wanted():
    ended = apart(BEGIN + "\nwhile True: say(b'y' * 65536)")
    assert ended.late
    assert ended.answered == b"y" * 21


def test_one_that_closes_its_pipes_is_gone_with_its_children():
    code = (
        BEGIN
        + """
import time
child = os.fork()
if child:
    say(str(child).encode())
for pipe in (int(sys.argv[1]), 1, 2):
    os.close(pipe)
time.sleep(60)
"""
    )
    ended = apart(code)
    assert (ended.late, ended.status) == (False, -signal.SIGKILL)
    until_s = time.monotonic() + 5
    while psutil.pid_exists(int(ended.answered)) and psutil.Process(int(ended.answered)).status() != "zombie":
        assert time.monotonic() < until_s
        time.sleep(0.01)


def test_one_whose_answer_nobody_waits_for_is_stopped():
    began, asked = time.monotonic(), []
    long = Patience(start_s=60, seconds=60, answer_bytes=1)
    ended = apart(
        BEGIN + "__import__('time').sleep(60)", patience=long, stopped=lambda: asked.append(1) or len(asked) > 3
    )
    assert (ended.stopped, ended.late) == (True, False)
    assert time.monotonic() - began < 10


def test_one_that_dies_says_how():
    assert apart(BEGIN + f"os.kill(os.getpid(), {int(signal.SIGXCPU)})").status == -signal.SIGXCPU
    assert apart("import os; os.close(0); raise SystemExit(3)").status == 3


def test_what_cannot_be_started_leaves_nothing(monkeypatch):
    def full(*_args: object, **_options: object) -> None:
        raise OSError(os.strerror(11))

    monkeypatch.setattr("engine.apart.subprocess.Popen", full)
    with pytest.raises(OSError, match="temporarily"):
        apart("pass")
