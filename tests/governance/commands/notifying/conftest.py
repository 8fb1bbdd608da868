"""Sending in this process, step by step: planned, claimed, drained, as the tasks do it."""

import time

import pytest
from django.db import connection

from governance.commands.notifying import following, planning, sending, waking
from governance.models import Attempt, Delivery
from pipeline.queries import seats
from tests.walking import move_clock


@pytest.fixture(autouse=True)
def local(settings):
    settings.LOCAL_RECEIVERS = True


def run():
    """One round of the timetable; returns how many messages were tried."""
    while planning.plan():
        pass
    follow()
    tried = 0
    while claimed := waking.claim():
        tried += sum(sending.drain(*one) for one in claimed)
    return tried


def follow():
    """Programs take up everything that was written."""
    _until_complete()
    following.follow()


def _until_complete(patience=60):
    """On a server that others use too, transactions may be open, and what is newer than those has to wait;
    a transaction that the test itself has open is what it is about."""
    until = time.monotonic() + patience
    while time.monotonic() < until:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT xid < pg_snapshot_xmin(pg_current_snapshot()) OR EXISTS (SELECT FROM pg_stat_activity"
                " WHERE datname = current_database() AND backend_xid IS NOT NULL AND pid <> pg_backend_pid())"
                " FROM ledger_entry ORDER BY xid DESC LIMIT 1"
            )
            row = cursor.fetchone()
        if row is None or row[0]:
            return
        time.sleep(0.05)


def later(gap):
    move_clock(seats.now() + gap)


def states(**of):
    return list(Delivery.objects.filter(**of).order_by("id").values_list("sort", "state"))


def tries(**of):
    return list(Attempt.objects.filter(**of).order_by("id").values_list("number", "result", "status"))
