"""GET /promises/: promised, feasible and delivered day of every booked deal."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from ledger.api import describe, paging
from ledger.api.shapes import day, money
from ledger.api.views import ApiView
from ledger.rules.problems import not_found
from pipeline.queries import organisation
from pipeline.queries.deals import ref_of
from pipeline.rules.seats import visible_units
from reporting.queries import promises as query
from reporting.rules.promises import Promise


class Promises(ApiView):
    at_any_moment = True

    @describe.listing("List promises of delivery", "Promise", describe.query("unit"), describe.AS_OF)
    def get(self, request: Request) -> Response:
        """The booked deals that you may see, newest first; `days` is how far delivery is behind its promise."""
        asked = paging.query(request)
        unit, before, limit = asked.text("unit", most=40), asked.number("after"), paging.limit(asked)
        asked.done()
        company, units = organisation.company(), visible_units(self.seats)
        if unit and ((units is not None and unit not in units) or not organisation.has_unit(unit)):
            raise not_found(f"Unit {unit}")
        rows = query.listing(company, (unit,) if unit else units, before=before, limit=limit + 1)
        following = rows[limit - 1].deal if len(rows) > limit else None
        return paging.page(request, (_shown(row, company.currency) for row in rows[:limit]), following)


def _shown(row: Promise, currency: str) -> dict[str, Any]:
    return {
        "deal": ref_of(row.deal),
        "title": row.title,
        "unit": row.unit,
        "value": money(row.value, currency),
        "promised": day(row.promised),
        "feasible": day(row.feasible),
        "estimated": row.estimated,
        "delivered": day(row.delivered),
        "state": row.state,
        "days": row.days,
        "entry": row.entry,
    }
