"""`/rates/`: the worth of a currency by day; read by everybody, published by finance, singly or as CSV."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from ledger.api import describe, paging
from ledger.api.reading import Reader
from ledger.api.schemas import DAY, NUMBER, TEXT, shape, takes
from ledger.api.views import ApiView
from ledger.api.writes import writes
from ledger.rules.problems import Fault, bad_input
from pipeline.api import row_files
from pipeline.commands import publishing, repricing
from pipeline.queries import rates
from pipeline.queries.organisation import company
from pipeline.queries.rates import RateRow

_RATE = shape(currency=TEXT, day=DAY, rate=TEXT, to=TEXT, entry=NUMBER)
_BODY = takes("currency", "day", "rate", currency=TEXT, day=DAY, rate=TEXT)
LOOKED_AT = 200  # open deals that are repriced at once; the worker goes on


class Rates(ApiView):
    at_any_moment = True

    @describe.listing("List rates", _RATE, describe.query("currency"), describe.AS_OF)
    def get(self, request: Request) -> Response:
        """Newest day first: units of the reporting currency for one unit of `currency`, until the next rate."""
        asked = paging.query(request)
        currency, after, limit = asked.text("currency", most=3), asked.text("after", most=20), paging.limit(asked)
        asked.done()
        rows = rates.listing(currency.upper(), rates.after_of(after), limit + 1)
        following = rates.cursor_of(rows[limit - 1]) if len(rows) > limit else None
        reporting = company().currency
        return paging.page(request, (_shown(row, reporting) for row in rows[:limit]), following)

    @describe.write("Publish a rate", _BODY, _RATE)
    @writes
    def post(self, request: Request) -> Response:
        """By finance. The same again changes nothing (200); another one for the day corrects it. Open deals follow."""
        said = Reader(request.data)
        currency, day = said.text("currency", required=True, most=3).upper(), said.day("day")
        said.value("day", required=True)
        text = said.text("rate", required=True, most=30)
        said.done()
        assert day is not None  # it was required
        try:
            rate = Decimal(text)
        except InvalidOperation:
            raise bad_input([Fault("/rate", "RATE-ROW-3", f"“{text}” is no number. Write it as 1.085.")]) from None
        new = publishing.publish(currency, day, rate, by=self.actor)
        if new:
            repricing.sweep(LOOKED_AT)
        (row,) = rates.listing(currency, None, 1, day)
        return Response(_shown(row, company().currency), 201 if new else 200)


class RateFiles(ApiView):
    """Rates as a file."""

    parser_classes = [MultiPartParser]

    @describe.write("Publish rates by CSV", None, row_files.REPORT, form=row_files.FORM)
    @writes
    def post(self, request: Request) -> Response:
        """Columns currency, day, rate. Each row by itself: what is rejected says its line, column, value and remedy."""
        data, dry_run = row_files.posted(request)
        report = publishing.take(data, by=self.actor, dry_run=dry_run, most=row_files.MOST)
        if report.counts["accepted"] and not dry_run:
            repricing.sweep(LOOKED_AT)
        return Response(row_files.shown(report), 201)


def _shown(row: RateRow, reporting: str) -> dict[str, Any]:
    return {
        "currency": row.currency, "day": row.day.isoformat(), "rate": f"{row.rate.normalize():f}", "to": reporting,
        "entry": row.entry,
    }  # fmt: skip
