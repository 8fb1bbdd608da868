"""Eight clients at once, each a process of its own, and the time that each operation took."""

from __future__ import annotations

import gc
import itertools
import multiprocessing
import os
import socket
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from threading import BrokenBarrierError
from typing import Any

from django.db import connections

from crm_ledger.bench.firm import CLIENTS
from crm_ledger.bench.report import percentile
from crm_ledger.bench.workbench import cpu_seconds

# Clients are forked, so they share what the parent has loaded and say what they measured through a pipe.
_PROCESSES = multiprocessing.get_context("fork")
Act = Callable[[Any], None]
WARM = 5


@dataclass(frozen=True, slots=True)
class Measured:
    """Operations a second over the common time, and the seconds of every single operation."""

    rate: float
    samples: Sequence[float]
    cpu: float = 0  # seconds of all our processes for one operation; 0 where the play did not look

    def p95(self) -> float:
        """Milliseconds."""
        return percentile(self.samples, 0.95) * 1000


def fork(work: Callable[[int], Any], processes: int) -> list[Any]:
    """What `work(number)` returns in each of so many processes; raises what one of them raised."""
    connections.close_all()
    pipes = []
    for number in range(processes):
        ours, theirs = _PROCESSES.Pipe(duplex=False)
        child = _PROCESSES.Process(target=_run, args=(work, number, theirs), daemon=True)
        child.start()
        theirs.close()
        pipes.append((child, ours))
    answers = []
    for child, ours in pipes:
        try:
            answers.append(ours.recv())
        except EOFError:
            answers.append(RuntimeError("a client died"))
        child.join()
    faults = [answer for answer in answers if isinstance(answer, BaseException)]
    if faults:
        # One that only waited for another says less.
        raise next((fault for fault in faults if BrokenBarrierError.__name__ not in str(fault)), faults[0])
    return answers


def _run(work: Callable[[int], Any], number: int, pipe: Any) -> None:
    try:
        pipe.send(work(number))
    except BaseException as fault:
        pipe.send(RuntimeError(f"client {number}: {type(fault).__name__}: {fault}"))
    finally:
        connections.close_all()
        pipe.close()


def together(prepare: Callable[[int], tuple[Act, Iterable[Any]]], seconds: float, clients: int = CLIENTS) -> Measured:
    """All clients act at the same time, on one piece of work after the other, until time or work is over.

    `prepare(client)` runs inside the client and gives its act and its work. The first WARM pieces come before the
    common start and count nowhere: with them a new connection plans and loads what it keeps.
    """
    ours = os.getpid()
    began = _PROCESSES.Value("d", 0.0)

    def look() -> None:
        began.value = cpu_seconds(ours)

    barrier = _PROCESSES.Barrier(clients, look)

    def work(number: int) -> tuple[float, float, list[float]]:
        act, given = prepare(number)
        pieces = iter(given)
        samples: list[float] = []
        try:
            for piece in itertools.islice(pieces, WARM):
                act(piece)
        except BaseException:
            barrier.abort()  # or the others wait for good
            raise
        gc.freeze()
        barrier.wait()
        started = time.perf_counter()
        until, now = started + seconds, started
        for piece in pieces:
            before = now
            act(piece)
            now = time.perf_counter()
            samples.append(now - before)
            if now >= until:
                break
        return started, now, samples

    answers = fork(work, clients)
    samples = [sample for _, _, mine in answers for sample in mine]
    rate = sum(len(mine) / (ended - started) for started, ended, mine in answers if mine)
    return Measured(rate, samples, (cpu_seconds(ours) - began.value) / (len(samples) or 1))


class Keeping:
    """A client that keeps its connection open; so little Python that it hardly takes time from the server."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def send(self, request: bytes, expected: int) -> bytes:
        """The body of the answer; raises when its status is another one."""
        self._socket.sendall(request)
        seen = self._socket.recv(65536)
        while (end := seen.find(b"\r\n\r\n")) < 0:
            seen += self._more()
        head = seen[:end].lower()
        at = head.find(b"content-length:")
        if at < 0:
            raise RuntimeError("an answer without a length; the bench does not read chunks")
        missing = int(head[at + 15 : head.find(b"\r\n", at) if b"\r\n" in head[at:] else None]) - (len(seen) - end - 4)
        while missing > 0:
            more = self._more()
            missing -= len(more)
            seen += more
        status = int(seen[9:12])
        if status != expected:
            raise RuntimeError(f"answered {status}: {seen[end + 4 : end + 800].decode(errors='replace')}")
        return seen[end + 4 :]

    def _more(self) -> bytes:
        more = self._socket.recv(65536)
        if not more:
            raise RuntimeError("the server closed the connection")
        return more


def request(method: str, path: str, body: bytes = b"", **headers: str) -> bytes:
    """The bytes of a request, made once and sent often."""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", "Accept: application/json, text/html"]
    if method != "GET":
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body
