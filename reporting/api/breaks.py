"""`/breaks/`: where promise, plan and books part, and the re-check of one."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from governance.queries import breaks
from governance.queries.breaks import BreakRow
from governance.rules.breaks import SORTS
from ledger.api import describe, paging
from ledger.api.reading import Reader
from ledger.api.schemas import FLAG, REF, TEXT, takes
from ledger.api.shapes import moment, money
from ledger.api.views import ApiView
from ledger.api.writes import writes
from ledger.rules.problems import not_found
from pipeline.queries import organisation
from pipeline.queries.deals import number_of
from pipeline.rules.seats import visible_units
from reporting.commands import reconciling
from reporting.rules import periods

_FILTERS = (
    describe.query("unit"),
    describe.query("sort", {"type": "string", "enum": list(SORTS)}),
    describe.query("deal", REF),
    describe.query("until", {**TEXT, "examples": ["2026-11"]}, "Those that parted in this month or before."),
    describe.query("cleared", FLAG, "Those that agree by now, newest first, instead of the open ones."),
)


class Breaks(ApiView):
    at_any_moment = True

    @describe.listing("List breaks", "Break", *_FILTERS, describe.AS_OF)
    def get(self, request: Request) -> Response:
        """The breaks that you may see; open ones by amount, most first."""
        asked = paging.query(request)
        unit, sort = asked.text("unit", most=40), asked.choice("sort", tuple(SORTS))
        deal, until = asked.text("deal", most=40), asked.text("until", most=10)
        cleared = bool(asked.flag("cleared"))
        after, limit = breaks.after_of(asked.text("after", most=60), cleared), paging.limit(asked)
        asked.done()
        units = visible_units(self.seats)
        if unit and ((units is not None and unit not in units) or not organisation.has_unit(unit)):
            raise not_found(f"Unit {unit}")
        rows = breaks.listing(
            self.seats, unit=unit, sort=sort or "", deal=number_of(deal) if deal else None,
            until=periods.parse(until).until if until else None, cleared=cleared, after=after, limit=limit + 1,
        )  # fmt: skip
        following = breaks.cursor_of(rows[limit - 1], cleared) if len(rows) > limit else None
        return paging.page(request, map(shown, rows[:limit]), following)


class BreakChecks(ApiView):
    @describe.write("Check a break again", takes(), "Break", describe.path("number"))
    @writes
    def post(self, request: Request, number: int) -> Response:
        """Judges its deal anew, now: it is cleared when promise, plan and books agree, else says what it amounts to."""
        Reader(request.data).done()
        return Response(shown(reconciling.recheck(number, by=self.actor)), 201)


def shown(row: BreakRow) -> dict[str, Any]:
    one, facts = row.found, row.found.facts
    worth = {name: money(facts[name], one.currency) for name in (
        "sold", "promised", "planned", "uncovered", "invoiced", "collected",
    )}  # fmt: skip
    return {
        "id": one.id,
        "ref": one.ref,
        "deal": row.deal,
        "title": row.title,
        "unit": one.unit,
        "sort": one.sort,
        "function": one.function,
        "sentence": SORTS[one.sort].sentence,
        "month": f"{one.month:%Y-%m}",
        "amount": money(one.amount, one.currency),
        "promise": {"sold": worth["sold"], "agreed": worth["promised"]},
        "plan": {
            "delivered": worth["planned"], "without_capacity": worth["uncovered"], "estimated": facts["estimated"],
            "invoice_due": facts["due"],
        },
        "books": {
            "invoiced": worth["invoiced"], "collected": worth["collected"], "claims_invoice": facts["said_invoiced"],
            "claims_payment": facts["said_collected"],
        },
        "alert": row.alert,
        "owner": row.owner or None,
        "due_at": moment(row.due),
        "found_at": moment(one.found_at),
        "changed_at": moment(one.at),
        "cleared_at": moment(one.cleared_at),
        "entry": one.entry,
    }  # fmt: skip
