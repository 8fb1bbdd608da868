"""Real workers on a test's database and broker, started as the product starts them, ended whatever happens."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from crm_ledger import queues
from crm_ledger.local import process
from tests.databases import ROOT, Database


class Crew:
    """`worker()`, `courier()` and `beat()` start one more of each; `.redis_url` may be a broker of the test's own."""

    def __init__(self, database: Database, folder: Path, redis_url: str, **more: str) -> None:
        self.folder = folder
        self.started: list[subprocess.Popen[bytes]] = []
        self.again: list[Any] = []
        self.environment = os.environ | {
            "TESTS_SITE_URL": database.app_url, "DJANGO_SETTINGS_MODULE": "tests.crew_settings", "LOG_LEVEL": "INFO",
            "CREW_REDIS_URL": redis_url, "LOCAL_RECEIVERS": "1", **more,
        }  # fmt: skip

    def worker(self) -> subprocess.Popen[bytes]:
        return self._start("worker", "worker", "-Q", ",".join(queues.WORKER), "-c", "2")

    def courier(self, most: int = 4) -> subprocess.Popen[bytes]:
        return self._start("courier", "worker", "-Q", ",".join(queues.COURIER), "-c", str(most))

    def beat(self) -> subprocess.Popen[bytes]:
        schedule = self.folder / f"schedule{len(self.started)}"
        return self._start("beat", "beat", "--schedule", str(schedule), "--pidfile", "")

    def _start(self, name: str, *words: str) -> subprocess.Popen[bytes]:
        number = len(self.started)
        more = ["-n", f"{name}{number}@%h"] if words[0] == "worker" else []
        command = [sys.executable, "-m", "celery", "-A", "crm_ledger", *words, *more, "-l", "info"]
        log = self.folder / f"{name}{number}.log"
        self.started.append(process.start(command, log=log, env=self.environment, cwd=ROOT))
        self.again.append((name, words))
        return self.started[-1]

    def look_after(self) -> None:
        """As the supervisor does: who ended by itself is started again; who was killed by the test stays dead."""
        for number, one in enumerate(list(self.started)):
            if one.poll() not in (None, -signal.SIGKILL) and self.again[number]:
                name, words = self.again[number]
                self.again[number] = None
                self._start(name, *words)

    def kill(self, one: subprocess.Popen[bytes]) -> None:
        """As a machine that loses its power: the whole group, at once."""
        os.killpg(one.pid, signal.SIGKILL)
        one.wait()

    def end(self) -> None:
        for one in self.started:
            if one.poll() is None:
                self.kill(one)

    def until(self, condition: Callable[[], Any], seconds: float = 60) -> float:
        """Seconds until it came to pass; otherwise fails with the ends of the logs."""
        started = time.monotonic()
        while not condition():
            self.look_after()
            if time.monotonic() - started > seconds:
                logs = "\n".join(f"{log.name}: {log.read_text()[-1500:]}" for log in sorted(self.folder.glob("*.log")))
                raise AssertionError(f"it did not come to pass within {seconds} s\n{logs}")
            time.sleep(0.05)
        return time.monotonic() - started
