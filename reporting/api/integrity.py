"""GET /integrity/ and the deals that take from it."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from ledger.api import describe, paging
from ledger.api.schemas import TEXT
from ledger.api.shapes import moment, money
from ledger.api.views import ApiView
from ledger.rules.money import plain
from ledger.rules.postings import BOOKED
from pipeline.queries import organisation
from pipeline.rules.integrity import CERTIFIED
from reporting.queries import integrity_answer
from reporting.queries.integrity import Low, Score
from reporting.queries.integrity_answer import TOTALS
from reporting.rules.receipt import certified

_SCOPE = (
    describe.query("period", {**TEXT, "examples": ["2026-11", "2026-Q4", "2026"]}, "By default all of them."),
    describe.query("unit"),
)
_TOTAL = describe.query("total", {"type": "string", "enum": list(TOTALS), "default": BOOKED})


class Integrity(ApiView):
    at_any_moment = True

    @describe.read("Read integrity", "Integrity", *_SCOPE, describe.AS_OF)
    def get(self, request: Request) -> Response:
        """How far each total rests on proven facts, 0 to 100, weighted by amount; null where nothing has an amount."""
        asked = paging.query(request)
        scope = {"period": asked.text("period", most=10), "unit": asked.text("unit", most=40)}
        asked.done()
        found, currency = integrity_answer.answer(self.seats, **scope), organisation.company().currency
        totals = {name.replace("-", "_"): _score(one, currency) for name, one in found.totals.items()}
        return Response(
            {
                **totals,
                "certified_from": CERTIFIED,
                "currency": currency,
                "as_of": moment(found.as_of),
                "measured_until": moment(found.measured_until),
            }
        )


class IntegrityDeals(ApiView):
    @describe.listing("List deals by what they lack", "IntegrityDeal", _TOTAL, *_SCOPE)
    def get(self, request: Request) -> Response:
        """The deals that take most from a total now, with what is missing in each; the heaviest first."""
        asked = paging.query(request)
        scope = {"period": asked.text("period", most=10), "unit": asked.text("unit", most=40)}
        total, limit = asked.choice("total", TOTALS) or BOOKED, paging.limit(asked)
        after = _cursor(asked.text("after", most=40))
        asked.done()
        rows = integrity_answer.lowest(self.seats, total=total, **scope, after=after, limit=limit + 1)
        last = rows[limit - 1] if len(rows) > limit else None
        currency = organisation.company().currency
        shown = (_deal(row, currency) for row in rows[:limit])
        return paging.page(request, shown, f"{last.lack}-{last.deal}" if last else None)


def _cursor(text: str) -> tuple[int, int] | None:
    lack, _dash, deal = text.partition("-")
    plain_numbers = all(part.isascii() and part.isdigit() and len(part) < 19 for part in (lack, deal))
    return (int(lack), int(deal)) if plain_numbers else None


def _score(found: Score, currency: str) -> dict[str, Any]:
    return {
        "score": found.score,
        "certified": certified(found.score),
        "weighed": plain(found.value, currency),
        "units": [
            {"unit": unit.unit, "score": unit.score, "weighed": plain(unit.value, currency)} for unit in found.units
        ],
    }


def _deal(row: Low, currency: str) -> dict[str, Any]:
    return {
        "deal": row.ref,
        "title": row.title,
        "unit": row.unit,
        "value": money(row.value, currency),
        "score": row.score,
        "parts": [
            {"part": name, "held": held, "asked": asked, "missing": list(missing)}
            for name, held, asked, missing in row.parts
        ],
    }
