"""/accounts/{number}/touchpoints/: any function logs an event; /health/ is what follows."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from governance.api import shapes
from governance.commands import touchpoints
from governance.queries import touchpoints as query
from governance.rules import hold as hold_rules
from governance.rules import touchpoint as rules
from ledger.api import describe, paging
from ledger.api.reading import Reader
from ledger.api.schemas import FLAG, page_of, ref, takes, text
from ledger.api.views import ApiView
from ledger.api.writes import writes
from pipeline.queries import reference_lists

_KINDS = {"type": "string", "enum": list(rules.SORTS)}
_LOGGED = takes(
    "kind", "what", kind=_KINDS, what=text(3), function=text(0, 60),
    hold={"type": "string", "enum": ["", *hold_rules.REASONS]},
)  # fmt: skip
_ACCOUNT = describe.path("number", say="An account.")


class Touchpoints(ApiView):
    at_any_moment = True

    @describe.read(
        "List the touchpoints of an account", page_of(ref("Touchpoint")), _ACCOUNT,
        describe.query("open", FLAG, "Only those that are not settled."), *describe.CURSOR, describe.AS_OF,
    )  # fmt: skip
    def get(self, request: Request, number: int) -> Response:
        """Newest first. `weight` is what each takes from the health of the account while it is open."""
        asked = paging.query(request)
        open_only, before, limit = asked.flag("open"), asked.number("after"), paging.limit(asked)
        asked.done()
        reference_lists.account(number)
        rows = query.rows(number, open_only=bool(open_only), before=before, limit=limit + 1)
        after = rows[limit - 1].touchpoint.id if len(rows) > limit else None
        return paging.page(request, shapes.touchpoints(rows[:limit]), after)

    @describe.write("Log a touchpoint", _LOGGED, "Touchpoint", _ACCOUNT)
    @writes
    def post(self, request: Request, number: int) -> Response:
        """Any function logs what it sees. With `hold`, a reason code, the account is put on hold in the same act."""
        stated = Reader(request.data)
        kind = stated.choice("kind", tuple(rules.SORTS), required=True)
        what, function = stated.text("what", required=True), stated.text("function", most=60)
        hold = stated.choice("hold", ("", *hold_rules.REASONS))
        stated.done()
        made = touchpoints.log(number, kind, what, by=self.actor, function=function, hold=hold or "")
        return Response(shapes.touchpoints([query.row(number, made)])[0], 201)


class TouchpointSettlements(ApiView):
    @describe.write(
        "Settle a touchpoint", takes(note=text()), "Touchpoint", _ACCOUNT, describe.path("touchpoint", say="Its id.")
    )
    @writes
    def post(self, request: Request, number: int, touchpoint: int) -> Response:
        """By the function whose work it concerns, or the one that logged it."""
        stated = Reader(request.data)
        note = stated.text("note")
        stated.done()
        touchpoints.settle(number, touchpoint, by=self.actor, note=note)
        return Response(shapes.touchpoints([query.row(number, touchpoint)])[0], 201)


class AccountHealth(ApiView):
    at_any_moment = True

    @describe.read("Read the health of an account", "AccountHealth", _ACCOUNT, describe.AS_OF)
    def get(self, request: Request, number: int) -> Response:
        """100 less the weights of its open touchpoints: healthy from 80, strained from 50, at risk below."""
        paging.query(request).done()
        reference_lists.account(number)
        found = query.health(number)
        told = {"account": number, "score": found.score, "state": rules.state(found.score), "open": found.open}
        return Response(told)
