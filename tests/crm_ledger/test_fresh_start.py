"""A fresh clone with an empty environment: `make run` until a person is logged in, hard kills, and the end.

One start from nothing (with its own virtual environment), then a second one: the slowest tests of all.
"""

import json
import os
import re
import signal
import socket
import stat
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from crm_ledger.local.redis_server import free_port
from tests.databases import ROOT

# The order is a story: first start, life, hard kill, second start, end. One worker tells it.
pytestmark = pytest.mark.slow


class Clone:
    def __init__(self, folder: Path) -> None:
        self.folder = folder / "clone"
        self.home = folder / "home"
        self.home.mkdir()
        self.output = folder / "output.txt"
        subprocess.run(["git", "clone", "-q", str(ROOT), str(self.folder)], check=True)
        self.make: subprocess.Popen[bytes] | None = None

    def environment(self, **more: str) -> dict[str, str]:
        """As under `env -i HOME=… PATH=…`."""
        return {"HOME": str(self.home), "PATH": os.environ["PATH"], **more}

    def start(self, port: int) -> float:
        """Seconds until it is ready."""
        started = time.monotonic()
        with self.output.open("wb") as out:
            self.make = subprocess.Popen(
                ["make", "run"],
                cwd=self.folder,
                env=self.environment(PORT=str(port)),
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        while "Ready after" not in self.said():
            assert self.make.poll() is None, self.said()
            assert time.monotonic() - started < 180, self.said()
            time.sleep(0.1)
        return time.monotonic() - started

    def said(self) -> str:
        return self.output.read_text()

    def state(self) -> dict[str, Any]:
        return json.loads((self.folder / ".local" / "run.json").read_text())

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(command, cwd=self.folder, env=self.environment(), capture_output=True, text=True)

    def processes(self) -> list[psutil.Process]:
        """Everything that runs from this clone or on its data."""
        found = []
        for process in psutil.process_iter(["cmdline", "cwd", "status"]):
            words = [*(process.info["cmdline"] or []), process.info["cwd"] or ""]
            if process.info["status"] != psutil.STATUS_ZOMBIE and any(str(self.folder) in word for word in words):
                found.append(process)
        return found


def _eventually(check: Callable[[], bool], patience: float = 30) -> bool:
    until = time.monotonic() + patience
    while not check():
        if time.monotonic() > until:
            return False
        time.sleep(0.1)
    return True


@pytest.fixture(scope="module")
def taken() -> Iterator[int]:
    """A port that somebody else holds, with the next one free."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", free_port()))
        other.listen()
        yield other.getsockname()[1]


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """Not below pytest's own folder: every other session of pytest shuts that to other users, PostgreSQL's included."""
    with tempfile.TemporaryDirectory(prefix="crm-fresh-", ignore_cleanup_errors=True) as name:
        yield Path(name)


@pytest.fixture(scope="module")
def clone(folder: Path, taken: int) -> Iterator[Clone]:
    made = Clone(folder)
    made.start(taken)
    yield made
    if made.make and made.make.poll() is None:
        made.make.terminate()
        made.make.wait(30)
    for process in made.processes():
        process.kill()


def test_a_taken_port_gives_the_next(clone: Clone, taken: int) -> None:
    port = int(clone.state()["url"].rpartition(":")[2])
    assert port > taken
    assert f"Port {taken} is taken; using {port}." in clone.said()
    with urllib.request.urlopen(f"{clone.state()['url']}/healthz") as answer:
        assert answer.status == 200


def test_the_log_in_page_and_its_style_are_served(clone: Clone) -> None:
    base = clone.state()["url"]
    with urllib.request.urlopen(f"{base}/accounts/login/") as page:
        found = re.search(r'href="(/static/crm_ledger/app\.[0-9a-f]{12}\.css)"', page.read().decode())
    assert found
    with urllib.request.urlopen(base + found[1]) as style:
        assert "immutable" in style.headers["Cache-Control"]


def test_the_whole_web_stays_small(clone: Clone) -> None:
    web = psutil.Process(int(clone.state()["parts"]["web"][0]))
    total = sum(process.memory_info().rss for process in (web, *web.children(recursive=True)))
    assert total < 600 * 1024 * 1024


def test_a_second_start_says_where_it_runs(clone: Clone) -> None:
    second = clone.run("make", "run")
    assert second.returncode == 0
    assert clone.state()["url"] in second.stdout
    assert clone.make is not None
    assert clone.make.poll() is None


def test_manage_finds_the_running_database_without_variables(clone: Clone) -> None:
    command = "from django.db import connection as c; c.ensure_connection(); print(c.settings_dict['USER'])"
    shell = clone.run(".venv/bin/python", "manage.py", "shell", "--no-imports", "-c", command)
    assert shell.stdout.strip() == "ledger_app", shell.stderr
    assert clone.run(".venv/bin/python", "manage.py", "migrate", "--check").returncode == 0


def test_secrets_are_private(clone: Clone) -> None:
    local = clone.folder / ".local"
    for file in (local / "run.json", *(local / "secrets").iterdir()):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600, file


def test_the_web_does_not_know_the_owner(clone: Clone) -> None:
    state = clone.state()
    for name in ("web", "worker", "beat"):
        environment = psutil.Process(int(state["parts"][name][0])).environ()
        assert "DATABASE_OWNER_URL" not in environment
        assert state["owner_url"] not in environment.values()


@pytest.mark.parametrize("name", ["worker", "web", "postgres"])
def test_a_crashed_part_comes_back(clone: Clone, name: str) -> None:
    before = clone.state()["parts"][name][0]
    os.kill(before, signal.SIGKILL)
    assert _eventually(lambda: clone.state()["parts"].get(name, [before])[0] != before)
    assert f"{name} ended unexpectedly" in clone.said()
    assert _eventually(lambda: _is_ready(clone))


def _is_ready(clone: Clone) -> bool:
    try:
        with urllib.request.urlopen(f"{clone.state()['url']}/readyz", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def test_a_hard_kill_leaves_nothing_and_the_next_start_recovers(clone: Clone) -> None:
    os.kill(int(clone.state()["supervisor"][0]), signal.SIGKILL)
    assert _eventually(lambda: not clone.processes()), clone.processes()
    took = clone.start(free_port())
    assert _is_ready(clone) or _eventually(lambda: _is_ready(clone))
    assert took < 60  # generous for a machine that runs other tests beside this one


def test_a_stop_leaves_nothing_running_and_a_command_says_how_to_mend_it(clone: Clone) -> None:
    assert clone.make is not None
    os.kill(int(clone.state()["supervisor"][0]), signal.SIGINT)
    clone.make.wait(30)
    assert _eventually(lambda: not clone.processes(), 5), clone.processes()
    assert not (clone.folder / ".local" / "run.json").exists()
    result = clone.run(".venv/bin/python", "manage.py", "showmigrations")
    assert result.returncode == 1
    assert result.stderr.splitlines()[-1] == (
        "No database is known: start the product with `make run`, or set DATABASE_URL."
    )
    assert "Traceback" not in result.stderr
