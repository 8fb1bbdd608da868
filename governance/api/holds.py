"""/deals/{ref}/holds/ and /accounts/{number}/holds/: a function stops, and releases what it stopped."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from governance.api import shapes
from governance.commands import account_holds, holds
from governance.queries import holds as query
from governance.rules.hold import REASONS
from ledger.api import conditions, describe, paging
from ledger.api.reading import Reader
from ledger.api.schemas import FLAG, page_of, ref, takes, text
from ledger.api.views import ApiView
from ledger.api.writes import writes
from pipeline.api.deals import THE_DEAL
from pipeline.queries import detail, reference_lists
from pipeline.queries.deals import number_of

_PLACED = takes("reason", "why", reason={"type": "string", "enum": list(REASONS)}, why=text(3), function=text(0, 60))
_RELEASED = takes(note=text())
_OPEN = describe.query("open", FLAG, "Only those that stand.")
_ACCOUNT = describe.path("number", say="An account.")
_HOLD = describe.path("hold", say="The hold.")


def _listed(request: Request, stream: str) -> Response:
    asked = paging.query(request)
    open_only, before, limit = asked.flag("open"), asked.number("after"), paging.limit(asked)
    asked.done()
    rows = query.rows(stream, open_only=bool(open_only), before=before, limit=limit + 1)
    after = rows[limit - 1].hold.id if len(rows) > limit else None
    return paging.page(request, shapes.holds(rows[:limit]), after)


def _stated(request: Request) -> dict[str, Any]:
    stated = Reader(request.data)
    said = {
        "reason": stated.choice("reason", REASONS, required=True),
        "why": stated.text("why", required=True),
        "function": stated.text("function", most=60),
    }
    stated.done()
    return said


def _note(request: Request) -> str:
    stated = Reader(request.data)
    note = stated.text("note")
    stated.done()
    return note


def _answer(stream: str, number: int, headers: dict[str, str] | None = None) -> Response:
    row = query.row(stream, number)
    return Response(next(iter(shapes.holds([row]))), 201, headers=headers or {})


class _OfDeal(ApiView):
    at_any_moment = True

    def answer(self, ref: str, hold: int) -> Response:
        number = number_of(ref)
        return _answer(f"deal/{number}", hold, {"ETag": conditions.tag(detail.version(number))})


class Holds(_OfDeal):
    @describe.read("List the holds of a deal", page_of(ref("Hold")), THE_DEAL, _OPEN, *describe.CURSOR, describe.AS_OF)
    def get(self, request: Request, ref: str) -> Response:
        """Newest first; those that follow a hold of the account say so."""
        number = number_of(ref)
        detail.visible(self.seats, number)
        return _listed(request, f"deal/{number}")

    @describe.on_deal("Put a deal on hold", _PLACED, "Hold", THE_DEAL)
    @writes
    def post(self, request: Request, ref: str) -> Response:
        """Stops every gate until the same function releases it; a booked deal leaves booked. `function` where you sit
        in several."""
        said = _stated(request)
        hold = holds.place(number_of(ref), **said, by=self.actor, expected=conditions.expected(request))
        return self.answer(ref, hold)


class HoldReleases(_OfDeal):
    @describe.on_deal("Release a hold of a deal", _RELEASED, "Hold", THE_DEAL, _HOLD)
    @writes
    def post(self, request: Request, ref: str, hold: int) -> Response:
        """By the function that placed it. What it had un-booked books again, as of this moment."""
        note = _note(request)
        holds.release(number_of(ref), hold, by=self.actor, note=note, expected=conditions.expected(request))
        return self.answer(ref, hold)


class AccountHolds(ApiView):
    at_any_moment = True

    @describe.read(
        "List the holds of an account", page_of(ref("Hold")), _ACCOUNT, _OPEN, *describe.CURSOR, describe.AS_OF
    )
    def get(self, request: Request, number: int) -> Response:
        reference_lists.account(number)
        return _listed(request, f"account/{number}")

    @describe.write("Put an account on hold", _PLACED, "Hold", _ACCOUNT)
    @writes
    def post(self, request: Request, number: int) -> Response:
        """Holds all its open deals, and those to come, until a lead of the same function releases it."""
        hold = account_holds.place(number, **_stated(request), by=self.actor)
        return _answer(f"account/{number}", hold)


class AccountHoldReleases(ApiView):
    @describe.write("Release a hold of an account", _RELEASED, "Hold", _ACCOUNT, _HOLD)
    @writes
    def post(self, request: Request, number: int, hold: int) -> Response:
        """Releases all its deals with it."""
        account_holds.release(number, hold, by=self.actor, note=_note(request))
        return _answer(f"account/{number}", hold)
