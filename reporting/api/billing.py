"""`/deals/{ref}/invoices/ · credits/ · collections/`: what finance states of a deal."""

from __future__ import annotations

from typing import Any

from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from ledger.api import conditions, describe, paging
from ledger.api.reading import Reader
from ledger.api.schemas import DAY, REF, takes, text
from ledger.api.shapes import money
from ledger.api.views import ApiView
from ledger.api.writes import writes
from ledger.rules.money import price
from ledger.rules.problems import forbidden
from pipeline import permissions
from pipeline.api import row_files
from pipeline.queries import deals, organisation
from pipeline.queries.deals import number_of, ref_of
from reporting.commands import billing, billing_file
from reporting.queries import billing as query
from reporting.queries.billing import BillingRow
from reporting.rules.billing import Sort, Stated

THE_DEAL = describe.path("ref", REF)
_AMOUNT = {"$ref": "#/components/schemas/Money"}
_DOCUMENT = takes("number", "day", "amount", number=text(1, 60), day=DAY, amount=_AMOUNT)


class BillingView(ApiView):
    at_any_moment = True
    sort: Sort

    def listed(self, request: Request, ref: str) -> Response:
        number = number_of(ref)
        permissions.check_can_see(self.seats, deals.read_one(number).view)
        asked = paging.query(request)
        before, limit = asked.number("after"), paging.limit(asked)
        asked.done()
        rows = query.of_deal(number, (self.sort,), before=before, limit=limit + 1)
        currency = organisation.company().currency
        following = rows[limit - 1].entry if len(rows) > limit else None
        return paging.page(request, (_row(row, currency) for row in rows[:limit]), following)


class Invoices(BillingView):
    sort = "invoice"

    @describe.listing("List invoices", "Billing", THE_DEAL, describe.AS_OF)
    def get(self, request: Request, ref: str) -> Response:
        """Invoices of a deal, newest first."""
        return self.listed(request, ref)

    @describe.on_deal("State an invoice", _DOCUMENT, "Billing", THE_DEAL)
    @writes
    def post(self, request: Request, ref: str) -> Response:
        """An invoice that finance has issued. The same one again changes nothing."""
        return _stated(self, request, ref)


class Credits(BillingView):
    sort = "credit"

    @describe.listing("List credit notes", "Billing", THE_DEAL, describe.AS_OF)
    def get(self, request: Request, ref: str) -> Response:
        """Credit notes of a deal, newest first."""
        return self.listed(request, ref)

    @describe.on_deal("State a credit note", _DOCUMENT, "Billing", THE_DEAL)
    @writes
    def post(self, request: Request, ref: str) -> Response:
        """A credit note takes back what was invoiced, in its own month."""
        return _stated(self, request, ref)


class Collections(BillingView):
    sort = "collection"

    @describe.listing("List collections", "Billing", THE_DEAL, describe.AS_OF)
    def get(self, request: Request, ref: str) -> Response:
        """Payments of a deal, newest first."""
        return self.listed(request, ref)

    @describe.on_deal("State a collection", _DOCUMENT, "Billing", THE_DEAL)
    @writes
    def post(self, request: Request, ref: str) -> Response:
        """A payment that finance has received."""
        return _stated(self, request, ref)


class BillingFiles(ApiView):
    """What finance states, as a file."""

    parser_classes = [MultiPartParser]

    @describe.write("State invoices, credit notes and payments by CSV", None, row_files.REPORT, form=row_files.FORM)
    @writes
    def post(self, request: Request) -> Response:
        """Columns sort, number, deal, day, amount, currency. Each row by itself: what is rejected says its line,
        column, value and remedy; what is on record already is unchanged."""
        data, dry_run = row_files.posted(request)
        if not any(seat.function == "finance" for seat in self.seats):
            raise forbidden("What is billed is stated by finance. [BILLING-ACT-1]")
        report = billing_file.take(data, by=self.actor, dry_run=dry_run, most=row_files.MOST)
        return Response(row_files.shown(report), 201)


def _stated(view: BillingView, request: Request, ref: str) -> Response:
    said = Reader(request.data)
    document, day = said.text("number", required=True, most=60), said.day("day")
    said.value("day", required=True)
    given = said.value("amount", required=True)
    said.done()
    amount, currency = price(given, "/amount")
    assert day is not None  # it was required
    expected, number = conditions.expected(request), number_of(ref)
    one = Stated(view.sort, document, day, amount, currency)
    new = billing.state(number, one, by=view.actor, expected=expected)
    row = new or query.stated(view.sort, document)
    assert row is not None  # it is on record by now
    etag = f'"{deals.read_one(number).view.version}"'
    body = _row(row, organisation.company().currency)
    return Response(body, 201 if new else 200, headers={"ETag": etag})


def _row(row: BillingRow, currency: str) -> dict[str, Any]:
    return {
        "number": row.number,
        "deal": ref_of(row.deal),
        "day": row.day.isoformat(),
        "amount": money(row.amount, row.currency),
        "value": money(row.value, currency),
        "entry": row.entry,
    }
