"""/forecasts/: what the owner of a deal says of it, and what one has said."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from ledger.api import conditions, describe, paging
from ledger.api.reading import Reader
from ledger.api.schemas import DAY, FLAG, REF, takes
from ledger.api.shapes import day, moment, money
from ledger.api.views import ApiView
from ledger.api.writes import writes
from ledger.rules.money import price
from pipeline.api.schemas import ASKED_MONEY
from pipeline.queries import organisation, people
from pipeline.queries.deals import number_of
from reporting.api.schemas import CATEGORY, MONTH
from reporting.commands import forecasts as commands
from reporting.queries import forecasts
from reporting.queries.forecasts import Said
from reporting.rules.forecast.categories import CHOICES
from reporting.rules.periods import parse

_PROBABILITY: dict[str, Any] = {
    "type": "string", "pattern": "^(0(\\.[0-9]{1,4})?|1(\\.0{1,4})?)$", "examples": ["0.7"],
}  # fmt: skip
_SUBMISSION = takes(
    "deal",
    "category",
    "probability",
    deal=REF,
    category=CATEGORY,
    probability=_PROBABILITY,
    amount=ASKED_MONEY,
    close_on=DAY,
)
_IF_MATCH = describe.header("If-Match", "The ETag of the deal as you have read it; not needed.")


class Forecasts(ApiView):
    at_any_moment = True

    @describe.listing(
        "List forecasts", "Forecast", describe.query("deal", REF), describe.query("period", MONTH),
        describe.query("category", CATEGORY), describe.query("current", FLAG, "Only what is said now."), describe.AS_OF,
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        """What you have said, newest first. What others said of their deals is theirs to show."""
        asked = paging.query(request)
        deal, period = asked.text("deal", most=20), asked.text("period", most=10)
        category, current = asked.choice("category", CHOICES), asked.flag("current")
        after, limit = asked.number("after", least=1), paging.limit(asked)
        asked.done()
        rows = forecasts.listing(
            people.seats_ever(self.actor.person),
            deal=number_of(deal) if deal else None,
            period=parse(period, organisation.company().fiscal_start_month) if period else None,
            category=category,
            current=bool(current),
            after=after,
            limit=limit + 1,
        )
        following = rows[limit - 1].entry if len(rows) > limit else None
        return paging.page(request, map(shape, rows[:limit]), following)

    @describe.write("Submit a forecast", _SUBMISSION, "Forecast", _IF_MATCH)
    @writes
    def post(self, request: Request) -> Response:
        """How sure you are of a deal of yours, at or below its ceiling; above it answers 409 `forecast-refused` with
        every reason. Amount and close are what you saw: they are the deal's, or it is refused."""
        stated = Reader(request.data)
        ref, category = stated.text("deal", required=True, most=20), stated.choice("category", CHOICES, required=True)
        probability, close_on = _probability(stated), stated.day("close_on")
        given = stated.value("amount")
        stated.done()
        number = number_of(ref)
        entry = commands.submit(
            number,
            category,
            probability,
            by=self.actor,
            amount=None if given is None else price(given, "/amount"),
            close_on=close_on,
            expected=conditions.expected(request) if "If-Match" in request.headers else None,
        )
        return Response(shape(forecasts.one(entry, number)), 201)


def shape(said: Said) -> dict[str, Any]:
    return {
        "id": said.entry,
        "deal": said.ref,
        "title": said.title,
        "seat": said.seat,
        "category": said.category,
        "ceiling": said.ceiling,
        "probability": f"{said.probability:.4f}",
        "amount": money(said.amount_minor, said.currency),
        "close_on": day(said.close_on),
        "period": f"{said.period:%Y-%m}",
        "lowered": said.lowered,
        "at": moment(said.at),
        "until": moment(said.until),
    }


def _probability(stated: Reader) -> Decimal:
    found = stated.value("probability", required=True)
    try:
        if isinstance(found, bool) or not isinstance(found, int | float | str):
            raise InvalidOperation
        number = Decimal(str(found)[:20])
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        if found not in (None, ""):
            stated.fault("probability", "FORECAST-11", "A probability lies in 0 to 1: write it as 0.7.")
        return Decimal(0)
    return number
