"""The servers that one run is measured on: real, durable, its own, and gone afterwards."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from crm_ledger.local import process, provision
from crm_ledger.local.paths import LOCAL, ROOT
from crm_ledger.local.postgres_server import DURABLE, PostgresServer, binaries
from crm_ledger.local.redis_server import RedisServer, free_port

DATABASE = "bench"
_PASSWORD = "bench"  # the servers listen on a socket and a loopback port of this run only
PASSWORDS = {"app_password": _PASSWORD, "migrate_password": _PASSWORD, "sealer_password": _PASSWORD}
# Long enough for any number of requests: the limit is measured elsewhere. A second keeps the window short.
_NO_RATE = {"API_RATE_USER": "1000000/s", "API_RATE_ANONYMOUS": "1000000/s"}


def cpu_seconds(*leaders: int) -> float:
    """CPU time so far of these processes, of all below them and of those that have ended."""
    total = 0.0
    for leader in leaders:
        process_of = psutil.Process(leader)
        for one in (process_of, *process_of.children(recursive=True)):
            with suppress(psutil.NoSuchProcess):
                total += sum(one.cpu_times()[:4])  # own and of children that have ended
    return total


@dataclass(frozen=True)
class WebServer:
    """A running gunicorn."""

    port: int
    leader: subprocess.Popen[bytes]

    def memory(self) -> int:
        """Bytes of all its processes together; what they share is counted once (PSS)."""
        leader = psutil.Process(self.leader.pid)
        return sum(one.memory_full_info().pss for one in (leader, *leader.children(recursive=True)))


class Workbench:
    """PostgreSQL with the settings of `make run`, Redis, one database with its roles and schema."""

    def __init__(self, folder: Path | None = None) -> None:
        self.kept = folder is not None
        self.folder = folder or Path(tempfile.mkdtemp(prefix="crm-bench-"))
        self.postgres = PostgresServer(
            self.folder / "postgres", password=_PASSWORD, settings=DURABLE, log=self.folder / "postgres.log"
        )
        self.redis = RedisServer(self.folder / "redis", password=_PASSWORD, log=self.folder / "redis.log")
        self.environment: dict[str, str] = {}

    def __enter__(self) -> Workbench:
        for folder in (LOCAL, self.folder):
            folder.mkdir(mode=0o711, parents=True, exist_ok=True)
        try:
            self._start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.postgres.stop()
        self.redis.stop()
        if not self.kept:
            shutil.rmtree(self.folder, ignore_errors=True)

    def _start(self) -> None:
        self.redis.start()
        self.postgres.start()
        where = provision.provision(self.superuser_url("postgres"), DATABASE, **PASSWORDS)
        self.environment = {
            "DATABASE_URL": where.app,
            "REDIS_URL": self.redis.url,
            "SECRET_KEY": "bench" * 12,
            "DEBUG": "1",
            "DEMO": "0",
            "LOG_LEVEL": "INFO",
            "DJANGO_SETTINGS_MODULE": "crm_ledger.settings",
            "EVIDENCE_ROOT": str(self.folder / "evidence"),
            **_NO_RATE,
        }
        # The same step that `make run` takes before its web server.
        owner = os.environ | self.environment | {"DATABASE_OWNER_URL": where.owner}
        done = subprocess.run(
            [sys.executable, "-m", "crm_ledger.local.prepare"], cwd=ROOT, env=owner, capture_output=True, text=True
        )
        if done.returncode:
            raise RuntimeError(f"The schema could not be made:\n{done.stdout}{done.stderr}")

    def superuser_url(self, database: str = DATABASE) -> str:
        return self.postgres.superuser_url(database)

    def binary(self, name: str) -> Path:
        return binaries() / name

    @contextmanager
    def web(self, application: str = "", **variables: str) -> Iterator[WebServer]:
        """gunicorn with the settings of `make run`, on the product or on another WSGI application."""
        port = free_port()
        metrics = self.folder / "metrics"
        shutil.rmtree(metrics, ignore_errors=True)
        metrics.mkdir()
        environment = os.environ | self.environment
        environment |= {"STATEMENT_TIMEOUT_MS": "5000", "PROMETHEUS_MULTIPROC_DIR": str(metrics), **variables}
        log = self.folder / f"web-{application.partition(':')[0] or 'product'}.log"
        command = [sys.executable, "-m", "gunicorn", "-c", "crm_ledger/gunicorn_conf.py", "--bind", f"127.0.0.1:{port}"]
        server = process.start(command + ([application] if application else []), log=log, env=environment, cwd=ROOT)
        try:
            _wait(f"http://127.0.0.1:{port}/healthz", server, log)
            yield WebServer(port, server)
        finally:
            process.stop(server)


def _wait(url: str, server: subprocess.Popen[bytes], log: Path, patience: float = 60) -> None:
    until = time.monotonic() + patience
    while True:
        try:
            urllib.request.urlopen(url, timeout=5).close()
            return
        except OSError:
            if server.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"The web server did not start:\n{process.tail(log)}") from None
        time.sleep(0.05)
