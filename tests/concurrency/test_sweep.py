"""A sweep that dies in the middle, or runs twice at once, notes every miss exactly once."""

import os
import signal
import sys
import time

import pytest
from django.db import connection

from crm_ledger.celery import app
from crm_ledger.local import process
from governance.commands import deadlines
from governance.models import Notice
from governance.queries import alerts
from governance.tasks import sweep_deadlines
from ledger.queries import entries
from pipeline.queries import deals
from tests import handshake_policy, walking
from tests.concurrency.racing import race
from tests.databases import ROOT
from tests.walking import kinds, move_clock

BOTH = ["milestone.missed"] * 2


@pytest.fixture
def company(committed_company):
    return committed_company[1]


@pytest.fixture
def database(committed_company):
    return committed_company[0]


def overdue(company, many):
    """Deals with two milestones each that have just been missed, and nothing else due."""
    deadlines.sweep()
    numbers = [walking.solution(company) for _ in range(many)]
    move_clock(max(standing.due_at for one in numbers for standing in deals.read_one(one).standings.values()
                   if standing.due_at))  # fmt: skip
    return numbers


def missed(number):
    return [kind for kind in kinds(number) if kind == "milestone.missed"]


def test_two_sweeps_at_once_note_each_miss_once(company):
    numbers = overdue(company, 6)
    race([deadlines.sweep] * 3)
    assert [missed(number) for number in numbers] == [BOTH] * 6
    assert deadlines.sweep() == 0


def until(condition, seconds, log):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, log.read_text()[-3000:]
        time.sleep(0.05)


def waiting(database):
    with database.superuser() as root, root.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = %s AND wait_event_type = 'Lock'"
            " AND query LIKE '%%ledger_lock%%')",
            [database.name],
        )
        return cursor.fetchone()[0]


@pytest.fixture
def worker(database, tmp_path):
    """Starts real workers on this database; whatever still lives at the end is ended."""
    started = []

    def start():
        log = tmp_path / f"worker{len(started)}.log"
        environment = os.environ | {"TESTS_SITE_URL": database.app_url, "DJANGO_SETTINGS_MODULE": "tests.settings"}
        command = [sys.executable, "-m", "celery", "-A", "crm_ledger", "worker", "-P", "solo", "-l", "info"]
        command += ["-Q", queues(), "--without-gossip", "--without-mingle", "--without-heartbeat"]
        started.append(process.start(command, log=log, env=environment, cwd=ROOT))
        return started[-1], log

    app.control.purge()
    yield start
    for one in started:
        if one.poll() is None:
            os.killpg(one.pid, signal.SIGKILL)
            one.wait()
    app.control.purge()


def queues():
    return ",".join(sorted(queue.name for queue in app.amqp.queues.values()))


@pytest.mark.slow
def test_a_worker_killed_in_the_middle_of_a_sweep_notes_each_miss_once_in_the_end(
    company, database, worker, monkeypatch
):
    """One deal of the chunk is held, so the worker stands in the middle with the others locked; there it is killed."""
    numbers = overdue(company, 4)
    connection.close()
    with database.app() as held, held.cursor() as cursor:
        cursor.execute("SELECT ledger_lock(%s)", [f"deal/{max(numbers, key=str)}"])
        first, log = worker()
        sweep_deadlines.delay()
        until(lambda: waiting(database), 90, log)
        os.killpg(first.pid, signal.SIGKILL)
        assert first.wait() == -signal.SIGKILL
        held.rollback()
    assert [missed(number) for number in numbers] == [[]] * 4
    second, log = worker()
    sweep_deadlines.delay()
    until(lambda: all(missed(number) == BOTH for number in numbers), 90, log)
    sweep_deadlines.delay()
    time.sleep(1)
    assert [missed(number) for number in numbers] == [BOTH] * 4
    assert second.poll() is None


def test_three_sweeps_at_once_miss_a_handshake_once(company):
    """The last of this module: from here on the delivery plan is a handshake."""
    handshake_policy.publish(company)
    numbers = overdue(company, 3)
    race([deadlines.sweep] * 3)
    assert deadlines.sweep() == 0
    for number in numbers:
        assert sorted(kind for kind in kinds(number) if ".missed" in kind) == ["handshake.missed", "milestone.missed"]
        (alert,) = alerts.ids_of_milestone(walking.milestone(number, handshake_policy.PLAN))
        assert [one.kind for one in entries.timeline(f"alert/{alert}")] == ["alert.opened"]
        assert Notice.objects.filter(subject=f"alert/{alert}").count() == 1
