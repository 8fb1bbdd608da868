"""GET /heartbeat/: per function and unit, what was decided in a week, what is overdue, how old the oldest is."""

from __future__ import annotations

from datetime import timedelta

from rest_framework.request import Request
from rest_framework.response import Response

from governance.queries import heartbeat
from ledger.api import describe, paging
from ledger.api.schemas import FLAG, MOMENT, NUMBER, TEXT, maybe, page_of, ref, shape
from ledger.api.shapes import moment, money
from ledger.api.views import ApiView
from pipeline.queries import seats
from pipeline.queries.organisation import company
from pipeline.rules.seats import visible_units

WEEK = timedelta(days=7)
_PULSE = shape(
    function=TEXT, unit=TEXT, verified=NUMBER, answered=NUMBER, decided=NUMBER, waiting=NUMBER, overdue=NUMBER,
    value_held=ref("Money"), oldest_since=maybe(MOMENT), silent=FLAG,
)  # fmt: skip


class Heartbeat(ApiView):
    @describe.read(
        "Read the pulse of each function", page_of(_PULSE), describe.query("until", {**MOMENT}, "End of the week.")
    )
    def get(self, request: Request) -> Response:
        """The seven days before `until`, which is now when nothing is said; what waits is as of now.

        `decided` counts milestones that were verified or rejected, handshakes that were answered, and offers that wait.
        """
        asked = paging.query(request)
        until = asked.moment("until") or seats.now()
        asked.done()
        since, currency = until - WEEK, company().currency
        return paging.page(
            request,
            (
                {
                    "function": pulse.function,
                    "unit": pulse.unit,
                    "verified": pulse.verified,
                    "answered": pulse.answered,
                    "decided": pulse.decided,
                    "waiting": pulse.waiting,
                    "overdue": pulse.overdue,
                    "value_held": money(pulse.value_minor, currency),
                    "oldest_since": moment(pulse.oldest),
                    "silent": pulse.silent_since(since),
                }
                for pulse in heartbeat.pulses(since, until, visible_units(self.seats))
            ),
        )
