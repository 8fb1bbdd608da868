"""Sending in this process, step by step: planned, claimed, drained, as the tasks do it."""

import pytest

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
    following.follow()
    tried = 0
    while claimed := waking.claim():
        tried += sum(sending.drain(*one) for one in claimed)
    return tried


def later(gap):
    move_clock(seats.now() + gap)


def states(**of):
    return list(Delivery.objects.filter(**of).order_by("id").values_list("sort", "state"))


def tries(**of):
    return list(Attempt.objects.filter(**of).order_by("id").values_list("number", "result", "status"))
