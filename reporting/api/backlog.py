"""GET /backlog/: bookings, billings and revenue side by side, and what follows from them."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from ledger.api import describe, paging
from ledger.api.shapes import moment
from ledger.api.views import ApiView
from ledger.rules.money import plain
from reporting.exports import receipts
from reporting.queries import backlog
from reporting.queries.finance import Sums

NAMES = ("bookings", "billings", "collected", "revenue", "deferred", "unbilled", "backlog")


class Backlog(ApiView):
    at_any_moment = True

    @describe.read("Read backlog", "Backlog", describe.query("unit"), describe.AS_OF)
    def get(self, request: Request) -> Response:
        """backlog = deferred + unbilled, over what you may see. Decimal text in `currency`; revenue is recognised when
        a month has ended."""
        asked = paging.query(request)
        unit = asked.text("unit", most=40)
        asked.done()
        found = backlog.answer(self.seats, unit=unit)
        currency = found.told.asked.company.currency

        def sums(row: Sums) -> dict[str, Any]:
            return {name: plain(getattr(row, name), currency) for name in NAMES}

        return Response(
            {
                **sums(found.position.total),
                "currency": currency,
                "as_of": moment(found.position.as_of),
                "receipt": receipts.signed(found.told.claim()),
                "rows": [{"unit": row.unit, **sums(row)} for row in found.position.rows],
            }
        )
