"""A real web server on a database copy, for browser tests."""

import os
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from crm_ledger.local import process
from crm_ledger.local.redis_server import free_port
from tests.databases import ROOT, Database


class LiveSite:
    def __init__(self, database: Database, folder: Path) -> None:
        self.database, self.log = database, folder / "web.log"
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment = os.environ | {
            "TESTS_SITE_URL": database.app_url,
            "DJANGO_SETTINGS_MODULE": "tests.settings",
            "EVIDENCE_ROOT": str(folder / "evidence"),
            "STATEMENT_TIMEOUT_MS": "5000",
        }
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [sys.executable, "-m", "gunicorn", "--config", "python:crm_ledger.gunicorn_conf"]
        command += ["--bind", f"127.0.0.1:{self.port}", "--workers", "1"]
        self._process = process.start(command, log=self.log, env=self.environment, cwd=ROOT)
        until = time.monotonic() + 30
        while True:
            try:
                urllib.request.urlopen(f"{self.url}/healthz", timeout=2).close()
                return
            except OSError:
                if self._process.poll() is not None or time.monotonic() > until:
                    self.stop()
                    raise RuntimeError(f"The web server did not start:\n{process.tail(self.log)}") from None
            time.sleep(0.05)

    def stop(self) -> None:
        if self._process is not None:
            process.stop(self._process)
            self._process = None

    def manage(self, *words: str, as_owner: bool = False) -> str:
        """Runs a management command on this site's database; returns its standard output."""
        owner = {"TESTS_SITE_OWNER_URL": self.database.owner_url} if as_owner else {}
        result = subprocess.run(
            [sys.executable, "manage.py", *words],
            cwd=ROOT,
            env=self.environment | owner,
            capture_output=True,
            text=True,
        )
        if result.returncode:
            raise RuntimeError(f"{' '.join(words)} failed:\n{result.stdout}{result.stderr}")
        return result.stdout
