"""Starting a part in its own process group, and ending the group whole."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import psutil

_PR_SET_PDEATHSIG = 1


def start(
    command: Sequence[str | Path],
    *,
    log: Path,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    user: int | None = None,
    group: int | None = None,
    last_signal: signal.Signals = signal.SIGTERM,
) -> "subprocess.Popen[bytes]":
    """A process that leads its own group and is told `last_signal` when its parent dies, however that dies.

    Call it from the main thread: the kernel watches the thread that started the process, not the whole parent.
    """
    with log.open("ab") as out:
        return subprocess.Popen(
            [str(word) for word in command],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            env=None if env is None else dict(env),
            cwd=cwd,
            user=user,
            group=group,
            extra_groups=[] if user is not None else None,
            start_new_session=True,
            preexec_fn=_die_with_parent(last_signal, os.getpid()),
        )


def _die_with_parent(last_signal: signal.Signals, parent: int) -> Callable[[], None] | None:
    if not sys.platform.startswith("linux"):
        return None
    libc = ctypes.CDLL(None)

    def arm() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, int(last_signal))
        if os.getppid() != parent:  # it died before the line above took hold
            os._exit(1)

    return arm


def end_with_parent() -> None:
    """This very process is asked to stop when its parent dies, as `make` may under a hard kill."""
    if arm := _die_with_parent(signal.SIGTERM, os.getppid()):
        arm()


def stop(process: "subprocess.Popen[bytes]", *, polite: signal.Signals = signal.SIGTERM, patience: float = 8) -> None:
    """Asks the leader, waits, then kills whatever is left of its group."""
    if process.poll() is None:
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(polite)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=patience)
    sweep_group(process.pid)
    process.wait()


def sweep_group(group: int) -> None:
    """Kills what a dead leader left behind, such as workers that still hold its port."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)


def identity(pid: int) -> list[float]:
    """A process id with its birth, so that a reused id is never taken for the old process."""
    with contextlib.suppress(psutil.Error):
        return [pid, psutil.Process(pid).create_time()]
    return [pid, 0.0]


def is_alive(pid: float, born: float) -> bool:
    try:
        process = psutil.Process(int(pid))
        return abs(process.create_time() - born) < 1 and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def end_leftover(pid: float, born: float, polite: signal.Signals = signal.SIGTERM, patience: float = 8) -> None:
    """Ends a process of an earlier run that outlived its supervisor."""
    if not is_alive(pid, born):
        return
    with contextlib.suppress(ProcessLookupError):
        os.kill(int(pid), polite)
    until = time.monotonic() + patience
    while is_alive(pid, born) and time.monotonic() < until:
        time.sleep(0.05)
    if is_alive(pid, born):
        sweep_group(int(pid))


def tail(log: Path, lines: int = 30) -> str:
    try:
        text = log.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    return "\n".join(text.splitlines()[-lines:])
