"""The four processes of the product itself, and how one that crashes comes back."""

import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from crm_ledger import queues
from crm_ledger.env import env_int, env_str
from crm_ledger.local import environment, process
from crm_ledger.local.paths import LOCAL, LOGS, METRICS, ROOT
from crm_ledger.local.postgres_server import PostgresServer
from crm_ledger.local.redis_server import RedisServer

# A life shorter than this is a quick failure; so many in a row, and the whole product stops.
QUICK_SECONDS = 10
MOST_QUICK_FAILURES = 5


@dataclass
class Part:
    """Something that must run. `launch` starts it and returns its process."""

    name: str
    launch: Callable[[], "subprocess.Popen[bytes]"]
    log: Path
    process: "subprocess.Popen[bytes] | None" = None
    born: float = 0.0
    failures: int = 0
    again_at: float = 0.0

    def start(self) -> None:
        self.born = time.monotonic()
        self.process = self.launch()

    def has_died(self) -> bool:
        return self.process is not None and self.process.poll() is not None

    def bury(self) -> float:
        """Clears up after a death; returns the pause before the next start, longer with each quick failure."""
        assert self.process is not None
        process.sweep_group(self.process.pid)
        quick = time.monotonic() - self.born < QUICK_SECONDS
        return self.failed(quick)

    def failed(self, quick: bool) -> float:
        self.failures = self.failures + 1 if quick else 1
        pause = min(0.5 * 2 ** (self.failures - 1), 10)
        self.process, self.again_at = None, time.monotonic() + pause
        return pause

    def is_due(self) -> bool:
        return self.process is None and time.monotonic() >= self.again_at


def service_part(name: str, server: PostgresServer | RedisServer) -> Part:
    """A service that runs already; if it dies it comes back at the same address."""

    def launch() -> "subprocess.Popen[bytes]":
        server.start()
        assert server.process is not None
        return server.process

    return Part(name, launch, server.log, server.process, time.monotonic())


def product_parts(shared: Mapping[str, str], host: str, port: int, sealer: Mapping[str, str]) -> list[Part]:
    python = [sys.executable, "-m"]
    web = [*python, "gunicorn", "--config", "python:crm_ledger.gunicorn_conf", "--bind", f"{host}:{port}"]
    celery = [*python, "celery", "-A", "crm_ledger"]
    worker = [*celery, "worker", "--loglevel", "INFO", "-n", "worker@%h", "-Q", ",".join(queues.WORKER)]
    # Processes, not threads: they keep to the time limits, and a child that is lost gives its message back.
    courier = [*celery, "worker", "--loglevel", "INFO", "-n", "courier@%h", "-Q", ",".join(queues.COURIER)]
    courier += ["-c", str(env_int("COURIER_CONCURRENCY", 4, least=1, most=64))]
    beat = [*celery, "beat", "--schedule", str(LOCAL / "beat-schedule")]
    beat += ["--pidfile", "", "--loglevel", "INFO"]
    # Pages must not hold the database for long; tasks and commands may.
    for_web = environment.for_process(
        shared, PROMETHEUS_MULTIPROC_DIR=str(METRICS), STATEMENT_TIMEOUT_MS=env_str("STATEMENT_TIMEOUT_MS") or "5000"
    )
    for_others = environment.for_process(shared, PROMETHEUS_MULTIPROC_DIR=str(METRICS))
    for_worker = {**for_others, **sealer}
    return [
        _part("web", web, for_web),
        _part("worker", worker, for_worker),
        _part("courier", courier, for_others),
        _part("beat", beat, for_others),
    ]


def _part(name: str, command: list[str], variables: Mapping[str, str]) -> Part:
    log = LOGS / f"{name}.log"
    return Part(name, lambda: process.start(command, log=log, env=variables, cwd=ROOT), log)
