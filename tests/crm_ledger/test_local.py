"""The small pieces of a local run: sockets in deep folders, ports, secrets, and parts that keep failing."""

import os
import socket
import stat
import subprocess
import sys
import time
from pathlib import Path

import psycopg2
import pytest

from crm_ledger.local import ports, process, secrets, state
from crm_ledger.local.parts import MOST_QUICK_FAILURES, Part
from crm_ledger.local.postgres_server import DURABLE, PostgresServer
from crm_ledger.local.redis_server import free_port
from crm_ledger.local.say import CannotStart
from crm_ledger.local.supervisor import Supervisor


def test_a_deep_folder_gets_a_durable_server_with_a_short_socket(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 60) / ("e" * 60)
    deep.mkdir(parents=True)
    server = PostgresServer(deep / "postgres", password="p", settings=DURABLE, log=deep / "log")
    server.start()
    try:
        assert len(str(server.socket_folder)) < 80
        with psycopg2.connect(server.superuser_url()) as connection, connection.cursor() as cursor:
            for name in ("fsync", "synchronous_commit", "full_page_writes", "data_checksums"):
                cursor.execute(f"SHOW {name}")
                assert cursor.fetchone() == ("on",), name
        connection.close()
        with pytest.raises(psycopg2.OperationalError, match="password"):
            psycopg2.connect(server.superuser_url().replace(":p@", ":wrong@"))
    finally:
        server.stop()
        server.socket_folder.rmdir()


def test_the_next_free_port() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", free_port()))
        other.listen()
        taken = other.getsockname()[1]
        assert not ports.is_free(taken)
        assert ports.next_free(taken) > taken


def test_no_port_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ports, "_TRIES", 0)
    with pytest.raises(CannotStart, match="set PORT"):
        ports.next_free(8000)


def test_a_secret_is_made_once_and_private(tmp_path: Path) -> None:
    first = secrets.keep("key", tmp_path)
    assert secrets.keep("key", tmp_path) == first
    assert len(first) >= 50
    assert secrets.keep("other", tmp_path) != first
    assert stat.S_IMODE((tmp_path / "key").stat().st_mode) == 0o600
    assert len(list(tmp_path.iterdir())) == 2


def test_a_state_is_valid_only_while_its_run_lives(tmp_path: Path) -> None:
    file = tmp_path / "run.json"
    state.write({"supervisor": process.identity(os.getpid()), "url": "here"}, file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert (state.running(file) or {})["url"] == "here"
    # The same process id with another birth is another process.
    state.write({"supervisor": [os.getpid(), 1.0]}, file)
    assert state.running(file) is None
    file.write_text("half a f")
    assert state.running(file) is None


def test_a_leftover_is_ended_but_never_a_stranger_with_its_number() -> None:
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as other:
        pid, born = process.identity(other.pid)
        process.end_leftover(pid, born - 100)
        assert other.poll() is None
        process.end_leftover(pid, born)
        assert other.wait(5) != 0


def test_a_part_that_keeps_failing_stops_everything(tmp_path: Path) -> None:
    log = tmp_path / "web.log"
    command = [sys.executable, "-c", "print('the reason'); raise SystemExit(1)"]
    part = Part("web", lambda: process.start(command, log=log), log)
    supervisor = Supervisor()
    supervisor.parts, supervisor.ready = [part], True
    supervisor._remember = lambda: None  # type: ignore[method-assign]  # the state file belongs to a real run

    def until_it_stops() -> None:
        until = time.monotonic() + 30
        while time.monotonic() < until:
            part.again_at = 0  # the pauses are tested below
            supervisor._look_after()
            time.sleep(0.01)

    with pytest.raises(CannotStart, match=rf"web failed {MOST_QUICK_FAILURES} times(.|\n)*the reason"):
        until_it_stops()


def test_pauses_grow_and_are_forgotten_after_a_long_life(tmp_path: Path) -> None:
    part = Part("web", lambda: process.start(["true"], log=tmp_path / "log"), tmp_path / "log")
    assert [part.failed(quick=True) for _ in range(7)] == [0.5, 1, 2, 4, 8, 10, 10]
    assert part.failed(quick=False) == 0.5
