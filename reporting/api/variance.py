"""GET /variance/: expected against agreed revenue, of a deal or of a period."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from ledger.api import describe, paging
from ledger.api.schemas import TEXT
from ledger.api.shapes import moment
from ledger.api.views import ApiView
from ledger.rules.money import plain
from reporting.queries import variance_answer
from reporting.queries.variance import Part, Row

_PERIOD = describe.query("period", {**TEXT, "examples": ["2026-11", "2026-Q4", "2026"]}, "By default all of them.")
_DEAL = describe.query("deal", {**TEXT, "examples": ["D-000123"]}, "Of one deal; else the sum over the period.")


class Variance(ApiView):
    at_any_moment = True

    @describe.read("Read variance", "Variance", _DEAL, _PERIOD, describe.query("unit"), describe.AS_OF)
    def get(self, request: Request) -> Response:
        """By month: baseline as booked, expected as of now, and the misses between them. `life` is the sum of the
        variance of these months. Decimal text in `currency`."""
        asked = paging.query(request)
        said: dict[str, Any] = {
            "deal": asked.text("deal", most=20),
            "period": asked.text("period", most=10),
            "unit": asked.text("unit", most=40),
        }
        asked.done()
        answer = variance_answer.answer(self.seats, **said)
        found, currency = answer.found, answer.currency
        return Response(
            {
                "rows": [_row(row, currency) for row in found.rows],
                "baseline": plain(found.baseline, currency),
                "expected": plain(found.expected, currency),
                "life": plain(found.total, currency),
                "currency": currency,
                "as_of": moment(answer.as_of),
            }
        )


def _row(row: Row, currency: str) -> dict[str, Any]:
    return {
        "period": f"{row.period:%Y-%m}",
        "baseline": plain(row.baseline, currency),
        "expected": plain(row.expected, currency),
        "variance": plain(row.variance, currency),
        "causes": [_cause(part, currency) for part in row.parts],
    }


def _cause(part: Part, currency: str) -> dict[str, Any]:
    said: dict[str, Any] = {"cause": part.cause, "amount": plain(part.amount, currency)}
    if part.milestone is None:
        return said
    one = part.milestone
    return said | {
        "milestone": one.key,
        "due_on": one.due.isoformat(),
        "expected_on": one.expected.isoformat(),
        "slip_days": one.slip,
        "system_estimate": one.estimate,
    }
