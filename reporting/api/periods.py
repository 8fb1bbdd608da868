"""/periods/: months open, soft-closed and closed, and each step of a closing as a noun."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from ledger.api import describe, paging
from ledger.api.reading import Reader
from ledger.api.schemas import HEX, takes, text
from ledger.api.shapes import moment, money
from ledger.api.views import ApiView
from ledger.api.writes import writes
from ledger.queries.periods import PeriodRow
from ledger.rules.money import plain
from pipeline.queries import organisation
from reporting.api.measures import deal
from reporting.commands import closing, passing
from reporting.queries import closing_answer
from reporting.rules.closing import SIGNING, Line
from reporting.rules.figures import MEASURES

_MONTH = {"type": "string", "pattern": "^[12][0-9]{3}-(0[1-9]|1[0-2])$", "examples": ["2026-11"]}
THE_PERIOD = describe.path("month", _MONTH)
_FIGURE = describe.query("figure", {"type": "string", "enum": list(MEASURES)})
_AS = describe.query("as", {"type": "string", "enum": list(closing_answer.READINGS)}, "By default as it was reported.")
_FUNCTION = {"type": "string", "enum": list(SIGNING)}


class PeriodView(ApiView):
    """Answers with a month after an act on it."""

    def period(self, month: date, status: int = 200) -> Response:
        return Response(_whole(closing_answer.month(self.seats, month, self.actor)), status)


class Periods(ApiView):
    at_any_moment = True

    @describe.listing("List periods", "PeriodSummary", describe.AS_OF)
    def get(self, request: Request) -> Response:
        """Months since the record began, newest first."""
        asked = paging.query(request)
        said, limit = asked.text("after", most=7), paging.limit(asked)
        before = _month(said) if said else None
        if said and before is None:
            asked.fault("after", "ASK-7", "Take the cursor from `next`.")
        asked.done()
        rows = closing_answer.listing(before=before, limit=limit + 1)
        following = f"{rows[limit - 1].month:%Y-%m}" if len(rows) > limit else None
        return paging.page(request, map(_row, rows[:limit]), following)


class OnePeriod(PeriodView):
    at_any_moment = True

    @describe.read("Read a period", "Period", THE_PERIOD, describe.AS_OF)
    def get(self, request: Request, month: date) -> Response:
        """A month with its checklist, its figures as reported and as known now, and its snapshots. Figures are of the
        units that you may see."""
        paging.query(request).done()
        return self.period(month)


class FigureDeals(ApiView):
    at_any_moment = True

    @describe.listing("List deals of a figure", "BookedDeal", THE_PERIOD, _FIGURE, _AS, describe.AS_OF)
    def get(self, request: Request, month: date) -> Response:
        """The deals behind a figure of the month in the units that you may see, newest entry first: their amounts sum
        to `as_reported`, to `as_known`, or to the difference of the two."""
        said = paging.query(request)
        figure, how = said.text("figure", most=20), said.text("as", most=20) or "reported"
        before, limit = said.number("after"), paging.limit(said)
        said.done()
        rows = closing_answer.deals(self.seats, month, figure, how, before, limit + 1)
        following = rows[limit - 1].entry if len(rows) > limit else None
        currency = organisation.company().currency
        return paging.page(request, (deal(row, currency) for row in rows[:limit]), following)


class Preparations(PeriodView):
    @describe.write("Prepare a period", takes(), "Period", THE_PERIOD)
    @writes
    def post(self, request: Request, month: date) -> Response:
        """Finance soft-closes a month under its figures of now. Prepared again, it is signed anew."""
        Reader(request.data).done()
        passing.look()
        closing.prepare(month, by=self.actor)
        return self.period(month, 201)


class Signatures(PeriodView):
    @describe.write("Sign a period", takes("function", "sha256", function=_FUNCTION, sha256=HEX), "Period", THE_PERIOD)
    @writes
    def post(self, request: Request, month: date) -> Response:
        """Signs the prepared figures for a function. `sha256` is the one that was read: other figures are refused."""
        stated = Reader(request.data)
        function = stated.choice("function", SIGNING, required=True)
        sha256 = stated.text("sha256", required=True, most=64)
        stated.done()
        closing.sign(month, function, sha256, by=self.actor)
        return self.period(month, 201)


class Closings(PeriodView):
    @describe.write("Close a period", takes(), "Period", THE_PERIOD)
    @writes
    def post(self, request: Request, month: date) -> Response:
        """Closes a month: a second person of finance, when every line of its checklist is met. Refused: 409 with
        `refusals`, one for each line that is open."""
        Reader(request.data).done()
        closing.close(month, by=self.actor)
        return self.period(month, 201)


class Restatements(PeriodView):
    @describe.write(
        "Restate a period",
        takes("function", "reason", function=_FUNCTION, reason=text(3), sha256=HEX),
        "Period",
        THE_PERIOD,
    )
    @writes
    def post(self, request: Request, month: date) -> Response:
        """Signs a restatement of a closed month to what is known of it now. With finance and one other function it has
        a new snapshot; the old one stays, and its receipts are superseded."""
        stated = Reader(request.data)
        function = stated.choice("function", SIGNING, required=True)
        reason, sha256 = stated.text("reason", required=True), stated.text("sha256", most=64)
        stated.done()
        closing.restate(month, function, reason, by=self.actor, sha256=sha256 or None)
        return self.period(month, 201)


def _month(said: str) -> date | None:
    try:
        return date.fromisoformat(f"{said}-01")
    except ValueError:
        return None


def _row(row: PeriodRow) -> dict[str, Any]:
    return {
        "period": f"{row.month:%Y-%m}",
        "state": row.state,
        "prepared_at": moment(row.prepared_at),
        "closed_at": moment(row.closed_at),
        "signed": sorted(row.signatures),
        "version": row.version,
    }


def _whole(found: closing_answer.Month) -> dict[str, Any]:
    row, currency, names = found.row, found.company.currency, found.names

    def figures(said: Mapping[str, int]) -> dict[str, str]:
        return {name: plain(amount, currency) for name, amount in said.items()}

    def person(number: int | None) -> str | None:
        return None if number is None else names.get(number, "")

    return {
        **_row(row),
        "prepared_by": person(row.prepared_by),
        "closed_by": person(row.closed_by),
        "signatures": {function: person(one) for function, one in sorted(row.signatures.items())},
        "restating": {function: person(one) for function, one in sorted(row.restating.items())},
        "ready": found.ready and row.state != "closed",
        "checklist": [_line(line) for line in found.lines],
        "sha256": found.seen,
        "currency": currency,
        "left_open": {"deals": found.left[0], "value": money(found.left[1], currency)},
        "as_reported": figures(found.reported),
        "as_known": figures(found.known),
        "snapshots": [
            {"version": one.version, "sha256": one.sha256, "tree_size": one.tree_size, "at": moment(one.at),
             "entry": one.entry} for one in found.snapshots
        ],
    }  # fmt: skip


def _line(line: Line) -> dict[str, Any]:
    return {
        "key": line.key,
        "state": "met" if line.met else "unmet",
        "message": line.sentence,
        "owner_function": line.owner,
        "who": line.who or None,
        "remedy": line.remedy,
        "proof": line.proof or None,
    }
