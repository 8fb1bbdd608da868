"""GET /booked/ and the deals behind it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from ledger.api import describe, paging
from ledger.api.reading import Reader
from ledger.api.schemas import TEXT
from ledger.api.shapes import moment
from ledger.api.views import ApiView
from reporting.api.measures import deal
from reporting.exports import receipts
from reporting.queries import asking
from reporting.queries.asking import Told
from reporting.queries.booked_measures import WAYS

# Member of the answer → measure.
_PARTS = {
    "value": "booked", "gross": "gross", "de_booked": "de-booked", "under_waiver": "booked-under-waiver",
    "unverified_history": "unverified-history",
}  # fmt: skip
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
        question = asking.asked(self.seats, **scope, by=by)
        parts = {name: asking.tell(measure, question) for name, measure in _PARTS.items()}
        whole = parts["value"]
        claim = whole.claim()
        return Response(
            {
                **{name: told.text for name, told in parts.items()},
                "currency": question.company.currency,
                "definition_version": whole.answer.definition_version,
                "as_of": moment(question.as_of),
                "integrity": claim.integrity,
                "receipt": receipts.signed(claim),
                "rows": _rows(parts, by),
            }
        )


class BookedDeals(ApiView):
    at_any_moment = True

    @describe.listing("List booked deals", "BookedDeal", *_SCOPE)
    def get(self, request: Request) -> Response:
        """The deals behind the number, newest entry first; their amounts sum to its value. A deal that comes to nothing
        in the scope is none of them: see the deals of the measures gross and de-booked."""
        asked = paging.query(request)
        scope, before, limit = _scope(asked), asked.number("after"), paging.limit(asked)
        asked.done()
        told = asking.tell("booked", asking.asked(self.seats, **scope))
        rows, currency = told.answer.behind(before, limit + 1), told.asked.company.currency
        following = rows[limit - 1].entry if len(rows) > limit else None
        return paging.page(request, (deal(row, currency) for row in rows[:limit]), following)


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


def _rows(parts: Mapping[str, Told], by: Sequence[str]) -> list[dict[str, str | None]]:
    """The parts of each group side by side: they were read together, so they have the same groups."""
    rows = zip(*(told.answer.rows for told in parts.values()), strict=True)
    return [
        {"unit": None, "period": None, **dict(zip(by, row[0].key, strict=True))}
        | {
            name: told.measure.said(one.value, told.asked.company)
            for (name, told), one in zip(parts.items(), row, strict=True)
        }
        for row in rows
    ]
