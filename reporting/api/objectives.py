"""/objectives/: what is to be reached, with the key results that measure it."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from governance.commands.targets import setting
from ledger.api import describe, paging
from ledger.api.reading import Reader
from ledger.api.schemas import NUMBER, TEXT, takes, text
from ledger.api.views import ApiView
from ledger.api.writes import writes
from pipeline.queries import organisation
from reporting.api import target_shapes
from reporting.queries import progress
from reporting.rules import periods
from reporting.rules.periods import Period

NUMBERED = describe.path("number", NUMBER, "Its number.")
PERIOD = describe.query("period", {**TEXT, "examples": ["2026-Q4", "2026"]}, "Those whose period touches it.")
_BODY = takes("title", "period", title=text(3, 200), period=TEXT, unit=TEXT)
REASON = takes("reason", reason=text(3))


def within(asked: Reader) -> Period | None:
    said = asked.text("period", most=10)
    return periods.parse(said, organisation.company().fiscal_start_month) if said else None


class Objectives(ApiView):
    at_any_moment = True

    @describe.listing("List objectives", "Objective", PERIOD, describe.AS_OF)
    def get(self, request: Request) -> Response:
        """Newest first, each with its key results and how far they have come. Those of the company need every unit."""
        asked = paging.query(request)
        period, before, limit = within(asked), asked.number("after"), paging.limit(asked)
        asked.done()
        rows = progress.objectives(self.seats, period, before=before, limit=limit + 1)
        following = rows[limit - 1].row.objective.id if len(rows) > limit else None
        return paging.page(request, map(target_shapes.objective, rows[:limit]), following)

    @describe.write("Set an objective", _BODY, "Objective")
    @writes
    def post(self, request: Request) -> Response:
        """By an executive, for a unit or for the company."""
        stated = Reader(request.data)
        title, period = stated.text("title", required=True), stated.text("period", required=True, most=10)
        unit = stated.text("unit", most=40)
        stated.done()
        number = setting.set_objective(title, progress.span(period, unit), by=self.actor)
        return Response(target_shapes.objective(progress.objective(self.seats, number)), 201)


class Objective(ApiView):
    at_any_moment = True

    @describe.read("Read an objective", "Objective", NUMBERED, describe.AS_OF)
    def get(self, request: Request, number: int) -> Response:
        paging.query(request).done()
        return Response(target_shapes.objective(progress.objective(self.seats, number)))


class ObjectiveVersions(ApiView):
    @describe.write("Revise an objective", _BODY, "Objective", NUMBERED)
    @writes
    def post(self, request: Request, number: int) -> Response:
        """The next version; the one before stays on record and is what the past shows."""
        stated = Reader(request.data)
        title, period = stated.text("title", required=True), stated.text("period", required=True, most=10)
        unit = stated.text("unit", most=40)
        stated.done()
        setting.set_objective(title, progress.span(period, unit), by=self.actor, number=number)
        return Response(target_shapes.objective(progress.objective(self.seats, number)), 201)


class ObjectiveWithdrawals(ApiView):
    @describe.write("Withdraw an objective", REASON, "Objective", NUMBERED)
    @writes
    def post(self, request: Request, number: int) -> Response:
        """Its key results are withdrawn first."""
        stated = Reader(request.data)
        reason = stated.text("reason", required=True)
        stated.done()
        setting.withdraw("objective", number, reason, by=self.actor)
        return Response(target_shapes.objective(progress.objective(self.seats, number)), 201)
