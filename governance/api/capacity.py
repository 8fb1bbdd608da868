"""GET /capacity/, expansions, and POST /deals/{ref}/reservations/."""

from __future__ import annotations

from datetime import date
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from governance.api import capacity_shapes as shapes
from governance.commands import expansions, reservations
from governance.queries import capacity
from governance.queries import expansions as rows
from governance.rules import reserving
from governance.rules.capacity import month_after, month_of
from ledger.api import conditions, describe, paging
from ledger.api.reading import Reader
from ledger.api.schemas import DAY, takes, text
from ledger.api.views import ApiView
from ledger.api.writes import writes
from ledger.rules.problems import conflict, not_found
from pipeline import permissions
from pipeline.api.deals import THE_DEAL
from pipeline.queries import detail, seats
from pipeline.queries.deals import number_of
from pipeline.rules import gate_words
from pipeline.rules.seats import visible_units

MOST_MONTHS = 60
STATES = ("soft", "confirmed", "released")
_MONTH = {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}(-[0-9]{2})?$", "examples": ["2027-01"]}
_ORDER = takes(
    "unit", "units", "ordered_on", "lead_days",
    unit=text(1, 40), units={"type": "integer", "minimum": 1, "maximum": expansions.MOST_UNITS}, ordered_on=DAY,
    lead_days={"type": "integer", "minimum": 0, "maximum": 3660}, note=text(),
)  # fmt: skip


class Capacity(ApiView):
    at_any_moment = True

    @describe.read("Read capacity", "Capacity", describe.query("unit"), describe.query("from", _MONTH),
                   describe.query("to", _MONTH, "That month included; by default twelve months."),
                   describe.AS_OF)  # fmt: skip
    def get(self, request: Request) -> Response:
        """What each unit has, may promise and has promised, by month, and what open deals would add to it."""
        asked = paging.query(request)
        unit = asked.text("unit", most=40)
        first, last = _month(asked, "from"), _month(asked, "to")
        asked.done()
        first = first or seats.now().date().replace(day=1)
        until = month_after(last) if last else month_after(first, 12)
        months = (until.year - first.year) * 12 + until.month - first.month
        if not 1 <= months <= MOST_MONTHS:
            asked.fault("to", "CAP-ASK-1", f"Ask for 1 to {MOST_MONTHS} months, in order.")
            asked.done()
        units = visible_units(self.seats)
        if unit:
            if not permissions.can_see_unit(self.seats, unit):
                raise not_found(f"Unit {unit}")
            units = (unit,)
        found = capacity.outlook(first, months, units)
        if unit and not found:
            raise not_found(f"Unit {unit}")
        return Response({"units": [shapes.outlook(one) for one in found]})


class Expansions(ApiView):
    @describe.read("List expansions", "Expansions")
    def get(self, request: Request) -> Response:
        """The newest expansions of the units that you may see."""
        paging.query(request).done()
        return Response({"results": [shapes.expansion(row) for row in rows.of_units(visible_units(self.seats), 200)]})

    @describe.write("Order an expansion", _ORDER, "Expansion")
    @writes
    def post(self, request: Request) -> Response:
        """Says that more capacity is ordered. It counts once somebody else has verified it."""
        stated = Reader(request.data)
        unit, note = stated.text("unit", required=True, most=40), stated.text("note")
        units = stated.number("units", required=True, least=1, most=expansions.MOST_UNITS)
        lead = stated.number("lead_days", required=True, most=3660)
        ordered = stated.day("ordered_on")
        if ordered is None and not stated.faults:
            stated.fault("ordered_on", "ASK-2", "“ordered_on” is missing.")
        stated.done()
        number = expansions.order(unit, units or 0, ordered or date.min, lead or 0, by=self.actor, note=note)
        return Response(shapes.expansion(rows.one(number)), 201)


class ExpansionVerifications(ApiView):
    @describe.write("Verify an expansion", takes(note=text()), "Expansion", describe.path("number"))
    @writes
    def post(self, request: Request, number: int) -> Response:
        """By somebody else than who ordered it, of operations or finance."""
        stated = Reader(request.data)
        note = stated.text("note")
        stated.done()
        expansions.verify(number, by=self.actor, note=note)
        return Response(shapes.expansion(rows.one(number)), 201)


class ExpansionWithdrawals(ApiView):
    @describe.write("Withdraw an expansion", takes("reason", reason=text(3)), "Expansion", describe.path("number"))
    @writes
    def post(self, request: Request, number: int) -> Response:
        """Takes it back. What was promised on it stays promised, and shows as over."""
        stated = Reader(request.data)
        reason = stated.text("reason", required=True)
        stated.done()
        expansions.withdraw(number, reason, by=self.actor)
        return Response(shapes.expansion(rows.one(number)), 201)


class Reservations(ApiView):
    @describe.on_deal(
        "Reserve capacity", takes(state={"type": "string", "enum": list(STATES)}), "Reservation", THE_DEAL
    )
    @writes
    def post(self, request: Request, ref: str) -> Response:
        """Reserves every delivery month, all or none: softly, or confirmed by operations; `released` gives all back.
        What does not fit answers 409 `over-capacity`, and that is on the record too."""
        stated = Reader(request.data)
        state = stated.choice("state", STATES) or "soft"
        stated.done()
        number, expected = number_of(ref), conditions.expected(request)
        if state == "released":
            reservations.release(number, by=self.actor, expected=expected)
            response = Response(shapes.reservation(number), 201)
        else:
            answer = reservations.reserve(number, by=self.actor, confirm=state == "confirmed", expected=expected)
            if answer.fits:
                response = Response(shapes.reservation(number, answer), 201)
            else:
                response = self.handle_exception(_refusal(answer))
        response["ETag"] = conditions.tag(detail.version(number))
        return response


def _refusal(answer: reserving.Answer) -> Any:
    said = gate_words.over_capacity(answer.facts())
    return conflict("over-capacity", "Capacity does not reach", f"{said} [CAP-OVER-1]", **answer.extra())


def _month(asked: Reader, name: str) -> date | None:
    found = asked.text(name, most=10)
    if not found:
        return None
    month = month_of(found)
    if month is None:
        asked.fault(name, "CAP-ASK-2", f"“{found}” is no month. Write it as 2027-01.")
    return month
