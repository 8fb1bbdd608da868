"""What the worker and the scheduler would have done in those months: each night, at its own moment."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import F

from crm_ledger.demo import clock
from governance.commands import deadlines, expiry, reservations, waivers
from governance.commands.alerting import ladder
from governance.models import Notice
from ledger import dispatch
from ledger.commands import outbox
from reporting.commands import locks, passing
from reporting.commands.integrity import measuring

# Sweeps of the timetable that write entries; a new one belongs here too.
SWEEPS = (
    deadlines.sweep, expiry.sweep, waivers.sweep, reservations.sweep, ladder.sweep, passing.sweep, locks.sweep,
)  # fmt: skip
_STILL_NEW = timedelta(days=3)


def night() -> None:
    """Runs the sweeps and delivers what waits in the outbox."""
    for sweep in SWEEPS:
        sweep()
    measuring.catch_up()
    while waiting := outbox.claim():
        for entry, topic in waiting:
            dispatch.handlers()[topic](entry)


def read_old_notices() -> None:
    """People have seen what is older than three days, an afternoon after it came."""
    old = Notice.objects.filter(at__lt=clock.read().now - _STILL_NEW, read_at=None)
    old.update(read_at=F("at") + timedelta(hours=4), planned_at=F("at"))
