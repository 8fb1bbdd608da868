"""POST /exports/: a measure as a certified file."""

from __future__ import annotations

from contextlib import nullcontext

from django.http import HttpResponse
from rest_framework.request import Request

from ledger.api import describe
from ledger.api.reading import Reader
from ledger.api.schemas import MOMENT, TEXT, takes
from ledger.api.views import ApiView
from ledger.queries import moment
from reporting.exports import csv_file, receipts, xlsx_file
from reporting.queries import asking
from reporting.queries.measures import MEASURES

_BODY = takes(
    "measure",
    measure={"type": "string", "enum": sorted(MEASURES)},
    format={"type": "string", "enum": sorted(receipts.FORMATS), "default": "csv"},
    period=TEXT,
    unit=TEXT,
    as_of=MOMENT,
)
_TYPES = (csv_file.TYPE.split(";")[0], xlsx_file.TYPE)


class Exports(ApiView):
    @describe.write("Export a measure", _BODY, None, status=200, files=_TYPES)
    def post(self, request: Request) -> HttpResponse:
        """The table behind a number with its signed receipt: what `POST /verifications/` judges. Nothing is kept."""
        stated = Reader(request.data)
        measure = stated.choice("measure", sorted(MEASURES), required=True)
        form = stated.choice("format", tuple(sorted(receipts.FORMATS))) or "csv"
        period, unit = stated.text("period", most=10), stated.text("unit", most=40)
        at = stated.moment("as_of")
        stated.done()
        if at is not None:
            moment.check(at)
        with moment.known_at(at) if at is not None else nullcontext():
            found = asking.tell(measure, asking.asked(self.seats, period=period, unit=unit))
            claim = found.claim(rows=True)
        data, kind = receipts.file(form, found.answer.table, claim)
        name = f'attachment; filename="{measure}.{form}"'
        return HttpResponse(data, content_type=kind, headers={"Content-Disposition": name, "Cache-Control": "private"})
