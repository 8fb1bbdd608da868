"""GET POST /deals/, GET PATCH /deals/{ref}/."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from ledger.api import conditions, describe, paging
from ledger.api.reading import Reader
from ledger.api.schemas import AMOUNT, DAY, FLAG, NUMBER, REF, TEXT
from ledger.api.views import ApiView
from ledger.api.writes import writes
from pipeline.api import shapes
from pipeline.commands import amending, opening
from pipeline.queries import detail, listing
from pipeline.queries.deals import number_of
from pipeline.queries.detail import Detail
from pipeline.queries.listing import Filters
from pipeline.rules import names

THE_DEAL = describe.path("ref", REF, "Such as D-000123.")
_FILTERS = [
    describe.query("stage"),
    describe.query("unit"),
    describe.query("owner", NUMBER, "A seat."),
    describe.query("account", NUMBER),
    describe.query("amount_min", AMOUNT, "In the currency of each deal."),
    describe.query("amount_max", AMOUNT, "In the currency of each deal."),
    describe.query("close_after", DAY, "That day or later."),
    describe.query("close_before", DAY, "That day or earlier."),
    describe.query("blocked", FLAG, "Whether something on the deal was rejected or revoked, fell, or holds it."),
    describe.query("q", TEXT, "A ref, or beginnings of words of the title or the account."),
]


class DealView(ApiView):
    """Answers with a deal after an act on it."""

    def deal(self, ref: str, status: int = 200) -> Response:
        return self.told(detail.detail(self.seats, number_of(ref)), status)

    @staticmethod
    def told(found: Detail, status: int) -> Response:
        return Response(shapes.deal(found), status, headers={"ETag": conditions.tag(found.view.version)})

    @staticmethod
    def stated(request: Request) -> tuple[dict[str, Any], dict[str, str]]:
        """The terms, and the title and description beside them."""
        reader = Reader(request.data)
        wording = {name: reader.text(name, most=10_000) for name in ("title", "description") if name in request.data}
        terms = reader.rest()
        reader.done()
        return terms, wording


class Deals(DealView):
    at_any_moment = True

    @describe.listing("List deals", "DealSummary", *_FILTERS, describe.AS_OF)
    def get(self, request: Request) -> Response:
        """The deals that you may see, newest first."""
        asked = paging.query(request)
        filters = Filters(
            stage=asked.text("stage") or None,
            unit=asked.text("unit") or None,
            owner=asked.number("owner"),
            account=asked.number("account"),
            amount_min=asked.decimal("amount_min"),
            amount_max=asked.decimal("amount_max"),
            close_after=asked.day("close_after"),
            close_before=asked.day("close_before"),
            blocked=asked.flag("blocked"),
            q=asked.text("q", most=200) or None,
        )
        after, limit = asked.number("after"), paging.limit(asked)
        asked.done()
        page = listing.deals(self.seats, filters, after=after, limit=limit)
        return paging.page(request, map(shapes.summary, page.rows), page.next)

    @describe.write("Open a deal", "Opening", "Deal", describe.etag(201))
    @writes
    def post(self, request: Request) -> Response:
        """Opens a deal in the first stage. Inputs of the policy stand beside the other fields, or in `inputs`."""
        stated = Reader(request.data)
        title = stated.text("title", required=True, most=200)
        description = stated.text("description", most=10_000)
        owner = stated.number("owner")
        rest = stated.rest()
        stated.done()
        opened = opening.open_and_tell(title, rest, by=self.actor, description=description, owner=owner)
        view = opened.view
        if owner is None and view.version == 1:
            me = str(request.user.name)  # type: ignore[union-attr]
            words = names.plain(title), description, opened.account_name, me, opened.reporting
            response = self.told(detail.fresh(self.seats, view, *words), 201)
        else:
            response = self.deal(view.ref, 201)
        response["Location"] = request.build_absolute_uri(f"{request.path}{view.ref}/")
        return response


class Deal(DealView):
    at_any_moment = True

    @describe.read("Read a deal", "Deal", THE_DEAL, describe.AS_OF, describe.etag(200), also=(304,))
    def get(self, request: Request, ref: str) -> Response:
        """A deal with its ETag; `as_of` shows it as it was known at that moment."""
        asked = paging.query(request)
        asked.done()
        found = detail.detail(self.seats, number_of(ref))
        if found.at is not None:
            return Response(shapes.deal(found))
        headers = {"ETag": conditions.tag(found.view.version)}
        if conditions.is_known(request, found.view.version):
            return Response(status=304, headers=headers)
        return Response(shapes.deal(found), headers=headers)

    @describe.on_deal("Amend a deal", "Amendment", "Deal", THE_DEAL, status=200)
    @writes
    def patch(self, request: Request, ref: str) -> Response:
        """Changes what is stated and nothing else. What rested on the old terms falls with them."""
        terms, wording = self.stated(request)
        expected = conditions.expected(request)
        amending.amend(number_of(ref), terms, by=self.actor, expected=expected, wording=wording)
        return self.deal(ref)


class Amendments(DealView):
    @describe.on_deal("Amend a deal by a noun", "Amendment", "Deal", THE_DEAL)
    @writes
    def post(self, request: Request, ref: str) -> Response:
        """The same as PATCH on the deal."""
        terms, wording = self.stated(request)
        expected = conditions.expected(request)
        amending.amend(number_of(ref), terms, by=self.actor, expected=expected, wording=wording)
        return self.deal(ref, 201)
