"""What keeps somebody's code in its place, raised inside the process that runs it, for good, before its first line.

Three layers, told apart because they hold differently:

- *Limits of the kernel* (setrlimit): address space, processor time, no bytes into files, few files, no new processes
  (not for root). They hold.
- *A filter of system calls* (seccomp) and *a network of its own* with nothing in it (unshare), where the machine allows
  them without privileges. They hold.
- *An audit hook of Python*: refuses sockets, processes, files outside of the code, ctypes. It says what was refused in
  words, and stops what does not set out to break it; it is a fence, not a wall.

None of them keeps the code from altering what this very process answers about it.
"""

import ctypes
import os
import platform
import resource
import signal
import struct
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000
_PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP, _SECCOMP_MODE_FILTER = 38, 22, 2
_ALLOW, _REFUSE = 0x7FFF0000, 0x00050000 | 1  # EPERM
_X32 = 0x40000000
"""Set in the numbers of a second way into the same kernel; such calls are refused altogether."""
_OPEN_FILES = 32

_REFUSED = {
    "socket": "open a network connection", "subprocess": "start a process", "ctypes": "call C code",
    "pty": "start a process",
    "winreg": "use the registry", "ftplib": "open a network connection", "http": "open a network connection",
    "smtplib": "open a network connection", "urllib": "open a network connection", "sqlite3": "open a database",
    "fcntl": "change open files", "resource": "change its limits", "syslog": "write to the system's log",
    "shutil": "change files", "tempfile": "write files", "webbrowser": "open a browser",
}  # fmt: skip
"""By the first word of an audit event."""
_REFUSED_EVENTS = {
    **dict.fromkeys(("os.fork", "os.forkpty", "os.exec", "os.posix_spawn", "os.spawn", "os.system"), "start a process"),
    **dict.fromkeys(("os.kill", "os.killpg", "signal.pthread_kill"), "send signals"),
    **dict.fromkeys(
        ("os.remove", "os.rename", "os.mkdir", "os.rmdir", "os.link", "os.symlink", "os.truncate", "os.chmod",
         "os.chown", "os.utime", "os.setxattr", "os.removexattr", "os.chdir"), "change files"),
    **dict.fromkeys(
        ("gc.get_objects", "gc.get_referrers", "gc.get_referents", "sys._current_frames"), "look into the engine"),
    "sys.addaudithook": "watch the engine",
}  # fmt: skip
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


def raise_fence(
    readable: tuple[Path, ...], wall_s: float, cpu_s: int, memory_mb: int, on_time: Callable[..., None]
) -> list[str]:
    """Raise all layers that this machine allows; what holds, a sentence each. There is no way back.

    `readable`: folders whose files may be read, for imports. `on_time`: handler of the signals that say that the time
    is over; a process that goes on is killed two seconds later.
    """
    raised = [_own_network()]
    raised += _limits(wall_s, cpu_s, memory_mb, on_time)
    raised.append(_filter_calls())
    sys.addaudithook(_hook(tuple(str(path.resolve()) + os.sep for path in readable)))
    raised.append("An audit hook refuses sockets, processes, C code and files outside of the code; it is no wall.")
    return raised


def _limits(wall_s: float, cpu_s: int, memory_mb: int, on_time: Callable[..., None]) -> list[str]:
    taken = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    for what, soft, hard in (
        (resource.RLIMIT_AS, taken + (memory_mb << 20), taken + (memory_mb << 20)),
        (resource.RLIMIT_CPU, cpu_s, cpu_s + 2),
        (resource.RLIMIT_FSIZE, 0, 0),
        (resource.RLIMIT_NOFILE, _OPEN_FILES, _OPEN_FILES),
        (resource.RLIMIT_CORE, 0, 0),
        (resource.RLIMIT_NPROC, 0, 0),
    ):
        resource.setrlimit(what, (soft, hard))
    signal.signal(signal.SIGXCPU, on_time)
    signal.signal(signal.SIGALRM, on_time)
    signal.setitimer(signal.ITIMER_REAL, wall_s)
    said = [f"The kernel limits memory ({memory_mb} MB more) and processor time, and lets no byte into a file."]
    if os.geteuid() != 0:
        said.append("The kernel starts no new process or thread for it.")
    return said


def _own_network() -> str:
    """Move into a network without interfaces."""
    libc = ctypes.CDLL(None, use_errno=True)
    uid, gid = os.geteuid(), os.getegid()
    if libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET) and libc.unshare(_CLONE_NEWNET):
        return (
            "This machine gives no network namespace without privileges: the network is closed by the other means only."
        )
    try:  # stay who we were inside the new user namespace
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{uid} {uid} 1")
        Path("/proc/self/gid_map").write_text(f"{gid} {gid} 1")
    except OSError:
        pass
    return "It has a network of its own with nothing in it."


# System calls, by architecture: number of each that is refused


_CALLS = {
    "x86_64": (
        0xC000003E,
        {"open": 2, "openat": 257},
        (41, 42, 43, 49, 50, 53, 56, 57, 58, 59, 62, 76, 77, 82, 83, 84, 85, 86, 87, 88, 90, 92, 101, 133, 160, 161,
         165, 200, 234, 258, 259, 260, 263, 264, 265, 266, 268, 272, 288, 302, 308, 310, 311, 316, 321, 322, 323, 424,
         425, 434, 435, 437),
    ),
    "aarch64": (
        0xC00000B7,
        {"openat": 56},
        (33, 34, 35, 36, 37, 38, 40, 45, 46, 51, 53, 54, 97, 117, 129, 130, 131, 164, 198, 199, 200, 201, 202, 203,
         220, 221, 242, 261, 268, 270, 271, 276, 280, 281, 282, 424, 425, 434, 435, 437),
    ),
}  # fmt: skip
"""(audit number, calls that open files, others: sockets, new processes and threads, exec, signals, changes of files,
limits, mounts, namespaces, ptrace, bpf, io_uring). From the kernel's tables of system calls; tried on x86_64
only."""


def _filter_calls() -> str:
    """Refuse system calls with EPERM from now on (seccomp, as a classic BPF program)."""
    known = _CALLS.get(platform.machine())
    if known is None:
        return f"There is no filter of system calls for {platform.machine()}."
    program = _program(*known)
    libc = ctypes.CDLL(None, use_errno=True)
    code = ctypes.create_string_buffer(program)
    head = struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(code))
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) or libc.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, head, 0, 0):
        return "This machine takes no filter of system calls without privileges."
    return "The kernel refuses it sockets, new processes and threads, signals, and files opened to be written."


def _program(architecture: int, opening: dict[str, int], refused: tuple[int, ...]) -> bytes:
    """The filter: load, compare, return; offsets are those of struct seccomp_data."""
    load, equal, set_, give = 0x20, 0x15, 0x45, 0x06
    lines = [(load, 0, 0, 4), (equal, 1, 0, architecture), (give, 0, 0, _REFUSE), (load, 0, 0, 0)]
    lines += [(set_, 0, 1, _X32), (give, 0, 0, _REFUSE)]
    for name, number in opening.items():
        flags = 16 + 8 * (2 if name == "openat" else 1)
        lines += [(equal, 0, 4, number), (load, 0, 0, flags), (set_, 0, 1, _WRITES), (give, 0, 0, _REFUSE)]
        lines += [(give, 0, 0, _ALLOW)]
    for number in refused:
        lines += [(equal, 0, 1, number), (give, 0, 0, _REFUSE)]
    return b"".join(struct.pack("HBBI", *line) for line in [*lines, (give, 0, 0, _ALLOW)])


def _hook(readable: tuple[str, ...]) -> Callable[[str, tuple[Any, ...]], None]:
    words, events, writes, stopped = dict(_REFUSED), dict(_REFUSED_EVENTS), _WRITES, PermissionError
    fspath, realpath = os.fsdecode, os.path.realpath

    def hook(event: str, about: tuple[Any, ...]) -> None:
        if event == "open":
            path, _, flags = about
            if flags & writes:
                raise stopped("this code may not write files")
            if isinstance(path, int) or not realpath(fspath(path)).startswith(readable):
                raise stopped("this code may not read files")
            return
        what = events.get(event) or words.get(event.partition(".")[0])
        if what is not None:
            raise stopped(f"this code may not {what}")

    return hook
