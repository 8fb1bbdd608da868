"""GET /booked/ and the deals behind it."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from ledger.api import describe, paging
from ledger.api.reading import Reader
from ledger.api.schemas import TEXT
from ledger.api.shapes import moment, money
from ledger.api.views import ApiView
from ledger.rules.money import plain
from reporting.exports import receipts
from reporting.queries import booked_answer
from reporting.queries.booked_deals import BookedDeal
from reporting.rules.grouping import WAYS

_PERIOD = describe.query("period", {**TEXT, "examples": ["2026-11", "2026-Q4", "2026"]}, "By default all of them.")
_SCOPE = (_PERIOD, describe.query("unit"), describe.AS_OF)


class Booked(ApiView):
    at_any_moment = True

    @describe.read("Read booked", "Booked", *_SCOPE, describe.query("by", TEXT, "unit, period, or unit,period."))
    def get(self, request: Request) -> Response:
        """The one number, over what you may see: value = gross − de_booked. Decimal text in `currency`."""
        asked = paging.query(request)
        scope, by = _scope(asked), _by(asked)
        asked.done()
        found = booked_answer.answer(self.seats, **scope, by=by)
        number = found.number
        return Response(
            {
                **_sums(number, number.currency),
                "currency": number.currency,
                "definition_version": number.definition_version,
                "as_of": moment(number.as_of),
                "integrity": None,
                "receipt": receipts.signed(found.claim),
                "rows": [
                    {
                        "unit": row.unit,
                        "period": row.period and f"{row.period:%Y-%m}",
                        **_sums(row, number.currency),
                    }
                    for row in found.rows
                ],
            }
        )


class BookedDeals(ApiView):
    at_any_moment = True

    @describe.listing("List booked deals", "BookedDeal", *_SCOPE)
    def get(self, request: Request) -> Response:
        """The deals behind the number, newest booking first; their amounts sum to its value."""
        asked = paging.query(request)
        scope, before, limit = _scope(asked), asked.number("after"), paging.limit(asked)
        asked.done()
        rows, currency = booked_answer.behind(self.seats, **scope, before=before, limit=limit + 1)
        following = rows[limit - 1].entry if len(rows) > limit else None
        return paging.page(request, (_deal(row, currency) for row in rows[:limit]), following)


def _scope(asked: Reader) -> dict[str, Any]:
    return {
        "period": asked.text("period", most=10),
        "unit": asked.text("unit", most=40),
    }


def _by(asked: Reader) -> tuple[str, ...]:
    said = asked.text("by", most=20)
    by = tuple(word.strip() for word in said.split(",")) if said else WAYS
    if not set(by) <= set(WAYS):
        asked.fault("by", "ASK-6", f"“{said}” is no way to group. Write unit, period, or unit,period.")
    return by


def _sums(row: Any, currency: str) -> dict[str, str]:
    names = ("value", "gross", "de_booked", "under_waiver", "unverified_history")
    return {name: plain(getattr(row, name), currency) for name in names}


def _deal(row: BookedDeal, currency: str) -> dict[str, Any]:
    return {
        "deal": row.ref,
        "title": row.title,
        "unit": row.unit,
        "place": row.place,
        "amount": money(row.amount, currency),
        "entry": row.entry,
    }
