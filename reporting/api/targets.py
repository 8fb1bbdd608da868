"""/targets/: key results and the plan, each measured by one measure of the table."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from governance.commands.targets import setting
from governance.rules.targets import PURPOSES
from ledger.api import describe, paging
from ledger.api.reading import Reader
from ledger.api.schemas import AMOUNT, NUMBER, REF, TEXT, takes, text
from ledger.api.views import ApiView
from ledger.api.writes import writes
from pipeline.queries.deals import number_of
from reporting.api import target_shapes
from reporting.api.objectives import NUMBERED, PERIOD, REASON, within
from reporting.commands import goals
from reporting.queries import progress
from reporting.queries.measures import MEASURES

_PURPOSE = {"type": "string", "enum": list(PURPOSES)}
_BODY = takes(
    "purpose", "measure", "goal", purpose=_PURPOSE, measure={"type": "string", "enum": sorted(MEASURES)}, goal=AMOUNT,
    base=AMOUNT, period=TEXT, unit=TEXT, objective=NUMBER, title=text(0, 200),
)  # fmt: skip
_LINK = takes("deal", "amount", deal=REF, milestone=TEXT, amount=AMOUNT)


class Targets(ApiView):
    at_any_moment = True

    @describe.listing("List targets", "Target", PERIOD, describe.query("purpose", _PURPOSE), describe.AS_OF)
    def get(self, request: Request) -> Response:
        """Newest first, with how far each has come. Amounts are written as their measure is."""
        asked = paging.query(request)
        period, purpose = within(asked), asked.choice("purpose", PURPOSES)
        before, limit = asked.number("after"), paging.limit(asked)
        asked.done()
        rows = progress.of_targets(self.seats, period, purpose=purpose, before=before, limit=limit + 1)
        following = rows[limit - 1].target.id if len(rows) > limit else None
        return paging.page(request, map(target_shapes.target, rows[:limit]), following)

    @describe.write("Set a target", _BODY, "Target")
    @writes
    def post(self, request: Request) -> Response:
        """`plan`: by finance, for a period and a unit or the company. `key_result`: by an executive, of an objective,
        whose period and unit it has."""
        number = goals.set_target(**_stated(request), by=self.actor)
        return Response(target_shapes.target(progress.target(self.seats, number).measured), 201)


class Target(ApiView):
    at_any_moment = True

    @describe.read("Read a target", "TargetDetail", NUMBERED, describe.AS_OF)
    def get(self, request: Request, number: int) -> Response:
        """With the deals that bear on it, as far as you may see them."""
        paging.query(request).done()
        found = progress.target(self.seats, number)
        currency = found.measured.target.currency
        links = [target_shapes.link(row, currency) for row in found.links]
        return Response({"target": target_shapes.target(found.measured), "links": links})


class TargetVersions(ApiView):
    @describe.write("Revise a target", _BODY, "Target", NUMBERED)
    @writes
    def post(self, request: Request, number: int) -> Response:
        """The next version; the one before stays on record and is what the past shows."""
        goals.set_target(**_stated(request), by=self.actor, number=number)
        return Response(target_shapes.target(progress.target(self.seats, number).measured), 201)


class TargetWithdrawals(ApiView):
    @describe.write("Withdraw a target", REASON, "Target", NUMBERED)
    @writes
    def post(self, request: Request, number: int) -> Response:
        stated = Reader(request.data)
        reason = stated.text("reason", required=True)
        stated.done()
        setting.withdraw("target", number, reason, by=self.actor)
        return Response(target_shapes.target(progress.target(self.seats, number).measured), 201)


class TargetLinks(ApiView):
    @describe.write("Link a deal to a target", _LINK, "TargetDetail", NUMBERED)
    @writes
    def post(self, request: Request, number: int) -> Response:
        """What a deal, or one `milestone` of it, is worth to the target: signed, and 0 takes the link away."""
        stated = Reader(request.data)
        deal, milestone = stated.text("deal", required=True, most=20), stated.text("milestone", most=60)
        amount = stated.decimal("amount")
        if amount is None:
            stated.value("amount", required=True)
        stated.done()
        goals.link(number, number_of(deal), milestone, amount or 0, by=self.actor)
        found = progress.target(self.seats, number)
        links = [target_shapes.link(row, found.measured.target.currency) for row in found.links]
        return Response({"target": target_shapes.target(found.measured), "links": links}, 201)


def _stated(request: Request) -> dict[str, Any]:
    stated = Reader(request.data)
    found: dict[str, Any] = {
        "purpose": stated.choice("purpose", PURPOSES, required=True),
        "measure": stated.text("measure", required=True, most=60),
        "period": stated.text("period", most=10),
        "unit": stated.text("unit", most=40),
        "objective": stated.number("objective"),
        "title": stated.text("title", most=200),
        "goal": stated.decimal("goal"),
        "base": stated.decimal("base") or 0,
    }
    if found["goal"] is None:
        stated.value("goal", required=True)
    stated.done()
    return found
