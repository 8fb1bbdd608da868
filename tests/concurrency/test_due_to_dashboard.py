"""From the due moment to money, alert and message, by a real scheduler and a real worker: at most a minute."""

import time
from datetime import timedelta

import pytest
from django.db import connection

from governance.commands import deadlines
from governance.models import Alert, Notice
from ledger.models import Posting
from pipeline.queries import deals, seats
from tests import walking
from tests.concurrency.test_delivery import broker, company, crew, mail  # noqa: F401  (fixtures)
from tests.walking import kinds, move_clock

pytestmark = pytest.mark.slow
LIMIT = 60  # seconds, DESIGN.md 5


def shown(number, row):
    """What an open dashboard shows of the miss: money between months, an alert, one notice for its owner."""
    connection.close()
    moved = Posting.objects.filter(deal_id=number, book="revenue", cause="milestone_miss").exists()
    alert = Alert.objects.filter(milestone_id=row).first()
    return moved and alert and Notice.objects.filter(subject=f"alert/{alert.id}").exists()


def test_a_miss_is_on_the_dashboard_within_a_minute(company, crew):  # noqa: F811
    number = walking.booked(company)
    row, due = walking.milestone(number, "delivered"), deals.read_one(number).standings["delivered"].due_at
    move_clock(due - timedelta(minutes=1))
    deadlines.sweep()
    connection.close()
    crew.worker()
    crew.beat()
    log = crew.folder / "worker0.log"
    crew.until(lambda: log.exists() and "sweep_deadlines" in log.read_text(), 120)
    assert not shown(number, row)
    move_clock(due - timedelta(seconds=1))
    crew.until(lambda: seats.now() > due, 10)
    seconds = crew.until(lambda: shown(number, row), 2 * LIMIT)
    print(f"{seconds:.1f} s from the due moment to the dashboard")
    assert seconds <= LIMIT
    time.sleep(2)
    found = kinds(number)
    assert (found.count("milestone.missed"), Alert.objects.filter(milestone_id=row).count()) == (1, 1)
    assert sum(line.amount for line in Posting.objects.filter(deal_id=number, book="revenue")) == 0
