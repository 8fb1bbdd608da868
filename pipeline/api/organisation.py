"""GET /units/, /functions/, /seats/: how the company is laid out."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from ledger.api import describe, paging
from ledger.api.shapes import moment
from ledger.api.views import ApiView
from pipeline.models import Seat
from pipeline.queries import reference_lists


class Units(ApiView):
    @describe.listing("List units", "Unit")
    def get(self, request: Request) -> Response:
        asked = paging.query(request)
        after, limit = asked.text("after", most=40), paging.limit(asked)
        asked.done()
        rows = reference_lists.units(after=after, limit=limit + 1)
        shown = [
            {"key": row.key, "name": row.name, "timezone": row.timezone, "capacity_base": row.capacity_base}
            for row in rows[:limit]
        ]
        return paging.page(request, shown, rows[limit - 1].key if len(rows) > limit else None)


class Functions(ApiView):
    @describe.listing("List functions", "Function")
    def get(self, request: Request) -> Response:
        asked = paging.query(request)
        after, limit = asked.text("after", most=40), paging.limit(asked)
        asked.done()
        rows = reference_lists.functions(after=after, limit=limit + 1)
        shown = [{"key": row.key, "name": row.name} for row in rows[:limit]]
        return paging.page(request, shown, rows[limit - 1].key if len(rows) > limit else None)


class Seats(ApiView):
    @describe.listing("List seats", "Seat", describe.query("function"), describe.query("unit"))
    def get(self, request: Request) -> Response:
        """Who sits where now."""
        asked = paging.query(request)
        function, unit = asked.text("function", most=40), asked.text("unit", most=40)
        after, limit = asked.number("after") or 0, paging.limit(asked)
        asked.done()
        rows = reference_lists.open_seats(function=function, unit=unit, after=after, limit=limit + 1)
        return paging.page(request, map(_seat, rows[:limit]), rows[limit - 1].pk if len(rows) > limit else None)


def _seat(row: Seat) -> dict[str, Any]:
    return {
        "id": row.pk,
        "person": {"person": row.person_id, "name": row.person.name},
        "function": row.function_id,
        "unit": row.unit_id,
        "role": row.role,
        "since": moment(row.from_at),
        "reports_to": row.reports_to_id,
    }
