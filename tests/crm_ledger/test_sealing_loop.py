"""A real worker without scheduler: it seals and publishes by itself, and a receiver that hangs delays nothing."""

import os
import signal
import socket
import subprocess
import sys
import time

import pytest

from tests.databases import ROOT, servers
from tests.ledger.sealing.writing import entry, insert

pytestmark = pytest.mark.slow


@pytest.fixture
def deaf():
    """Takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/"


def write(database, name):
    with database.app() as app:
        (number,) = insert(app, entry(f"import/{name}"))
        app.commit()
    return number


def sealed_after(database, number, patience=30):
    """Seconds until the entry is a leaf under a head that stands in the file channel."""
    started = time.monotonic()
    while time.monotonic() < started + patience:
        with database.superuser() as superuser, superuser.cursor() as cursor:
            cursor.execute(
                "SELECT EXISTS (SELECT FROM ledger_leaf l JOIN ledger_publication p ON p.size > l.idx"
                " WHERE l.entry_id = %s AND p.channel = 'file')",
                [number],
            )
            if cursor.fetchone()[0]:
                return time.monotonic() - started
        time.sleep(0.05)
    raise AssertionError("not sealed and published")


def heads(folder):
    return (folder / "checkpoints.jsonl").read_text()


def test_the_worker_seals_without_scheduler(committed_db, deaf, tmp_path):
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "crm_ledger.settings", "DATABASE_URL": committed_db.app_url,
        "SEALER_DATABASE_URL": committed_db.sealer_url, "LEDGER_SIGNING_KEY_FILE": str(tmp_path / "key"),
        "CHECKPOINT_DIR": str(tmp_path / "one"), "CHECKPOINT_MIRROR_DIR": str(tmp_path / "two"),
        "CHECKPOINT_WEBHOOK_URL": deaf, "REDIS_URL": servers.redis_url(), "LOG_LEVEL": "INFO", "DEBUG": "1",
    }  # fmt: skip
    log = (tmp_path / "worker.log").open("wb")
    words = [sys.executable, "-m", "celery", "-A", "crm_ledger", "worker", "--concurrency=1", "--loglevel=INFO"]
    first = write(committed_db, "first")
    worker = subprocess.Popen(words, cwd=ROOT, env=environment, stdout=log, stderr=log, start_new_session=True)
    try:
        sealed_after(committed_db, first, patience=60)
        ages = [sealed_after(committed_db, write(committed_db, f"entry {number}")) for number in range(5)]
        assert max(ages) < 5, ages
        until = time.monotonic() + 30
        while heads(tmp_path / "one") != heads(tmp_path / "two") and time.monotonic() < until:
            time.sleep(0.05)  # each channel goes its own way
        os.kill(worker.pid, signal.SIGTERM)
        assert worker.wait(30) == 0, (tmp_path / "worker.log").read_text()[-3000:]
    finally:
        if worker.poll() is None:
            os.killpg(worker.pid, signal.SIGKILL)
            worker.wait()
    assert heads(tmp_path / "one") == heads(tmp_path / "two")
