"""Moves of deals under way to a newer policy: previewed, drafted, signed and carried out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from ledger.api import describe, paging
from ledger.api.reading import Reader
from ledger.api.schemas import NUMBER, Schema, maybe, takes, text
from ledger.api.shapes import moment, money
from ledger.api.views import ApiView
from ledger.api.writes import writes
from ledger.rules.problems import not_found
from pipeline import permissions
from pipeline.commands import policy_moves as commands
from pipeline.queries import organisation
from pipeline.queries import policy_moves as moves
from pipeline.queries.policy_moves import Drafted, Preview, Seen
from pipeline.rules.policy_moves import consequences

_MOVE = describe.path("number", say="A move.")
_VERSION: Schema = {"type": "integer", "minimum": 1, "maximum": 2**31 - 1}
_ASKED: Schema = takes("from", "to", **{
    "from": _VERSION, "to": _VERSION, "unit": maybe(text(1, 40)),
    "stages": {"type": "object", "maxProperties": 40, "additionalProperties": text(1, 40),
               "examples": [{"solution": "proposal"}]},
})  # fmt: skip
SHOWN = 200  # deals that a preview names


class Moves(ApiView):
    @describe.listing("List moves to newer policies", "PolicyMove")
    def get(self, request: Request) -> Response:
        """Newest first, with the figures that were signed."""
        asked = paging.query(request)
        before, limit = asked.number("after"), paging.limit(asked)
        asked.done()
        rows = [one for one in moves.listing() if before is None or one.move.id < before]
        last = rows[limit - 1].move.id if len(rows) > limit else None
        return paging.page(request, map(_move, rows[:limit]), last)

    @describe.write("Draft a move to a newer policy", _ASKED, "PolicyMove")
    @writes
    def post(self, request: Request) -> Response:
        """Drafts a move of the open deals of one version to a newer one: of a unit, or of all.

        `stages` says where deals of a stage go that is named otherwise there. Nothing moves before sales, operations
        and finance have signed."""
        number = commands.draft(by=self.actor, **_asked(request))
        return Response(_move(_one(number)), 201)


class Previews(ApiView):
    @describe.write("Preview a move to a newer policy", _ASKED, "PolicyMovePreview", status=200)
    def post(self, request: Request) -> Response:
        """What the move would do to each deal now. Nothing is kept. For who sees every unit: it names deals of all."""
        permissions.check_can_try(self.seats)
        return Response(_preview(moves.preview(moves.asked(**_asked(request)))))


class OneMove(ApiView):
    @describe.read("Read a move to a newer policy", "PolicyMove", _MOVE)
    def get(self, request: Request, number: int) -> Response:
        """A move with its figures, its signatures and the functions whose signature is missing."""
        return Response(_move(_one(number)))


class MoveSignatures(ApiView):
    @describe.write("Sign a move to a newer policy", takes("function", function=text(1, 40)), "PolicyMove", _MOVE)
    @writes
    def post(self, request: Request, number: int) -> Response:
        """Signs for a function that you hold, one person for one function. The third signature orders the move."""
        stated = Reader(request.data)
        function = stated.text("function", required=True, most=40)
        stated.done()
        commands.sign(number, function, by=self.actor)
        return Response(_move(_one(number)), 201)


class MoveWithdrawals(ApiView):
    @describe.write("Withdraw a move to a newer policy", takes("reason", reason=text(3, 300)), "PolicyMove", _MOVE)
    @writes
    def post(self, request: Request, number: int) -> Response:
        """Ends a move before it is done: by who drafted it or signed it. Deals that it has moved stay moved."""
        stated = Reader(request.data)
        reason = stated.text("reason", required=True, most=300)
        stated.done()
        commands.withdraw(number, reason, by=self.actor)
        return Response(_move(_one(number)), 201)


class MoveRuns(ApiView):
    @describe.write("Carry out a move to a newer policy", takes(after=NUMBER), "PolicyMoveRun", _MOVE)
    @writes
    def post(self, request: Request, number: int) -> Response:
        """Moves the next chunk of deals behind `after`, each by an entry of its own; the timetable does it by itself.

        `after` of the answer goes on there; null says that the last one was looked at."""
        stated = Reader(request.data)
        after = stated.number("after") or 0
        stated.done()
        done = commands.run(number, by=self.actor, after=after)
        stays = [{"deal": ref, "code": fault.code, "message": fault.message} for ref, fault in done.stays]
        return Response({"moved": done.moved, "stays": stays, "after": done.after}, 201)


def _asked(request: Request) -> dict[str, Any]:
    stated = Reader(request.data)
    source = stated.number("from", required=True, least=1, most=2**31 - 1)
    target = stated.number("to", required=True, least=1, most=2**31 - 1)
    unit = stated.text("unit", most=40) or None
    stages = stated.value("stages") or {}
    named = isinstance(stages, Mapping) and all(isinstance(one, str) and len(one) <= 40 for one in stages.values())
    if not named or len(stages) > 40:
        stated.fault("stages", "POLICY-MOVE-12", "State it as an object: old stage to new stage, at most 40 of them.")
    stated.done()
    return {"source": source, "target": target, "unit": unit, "stages": dict(stages)}


def _one(number: int) -> Drafted:
    found = moves.one(number)
    if found is None:
        raise not_found(f"Move {number}")
    return found


def _move(one: Drafted) -> dict[str, Any]:
    said = one.move.body()
    return {
        "id": one.move.id,
        "from": said["from"],
        "to": said["to"],
        "unit": said["unit"],
        "stages": dict(one.move.stages),
        "drafted_at": moment(one.drafted_at),
        "drafted_by": one.drafted_by,
        "figures": _figures(one.figures),
        "signatures": [{"function": function, "person": person} for function, person in one.signatures.items()],
        "missing": list(one.missing),
        "ordered_at": moment(one.ordered_at),
        "withdrawn_at": moment(one.withdrawn_at),
    }


def _figures(figures: Mapping[str, Any]) -> dict[str, Any]:
    currency = organisation.company().currency
    return {name: money(said, currency) if name.endswith("value") else said for name, said in figures.items()}


def _preview(found: Preview) -> dict[str, Any]:
    currency = organisation.company().currency
    changed = [row for row in found.rows if row.verdict != "same" or row.change.planned or row.change.stale]
    return {
        "figures": _figures(found.figures()),
        "deals": [_seen(row, currency) for row in changed[:SHOWN]],
        "more": max(0, len(changed) - SHOWN),
    }


def _seen(row: Seen, currency: str) -> dict[str, Any]:
    said = consequences(row.change)
    return {
        "deal": row.ref, "title": row.title, "unit": row.unit, "stage": row.stage, "to_stage": row.change.stage,
        "value": None if row.value_minor is None else money(row.value_minor, currency), "gate": row.verdict,
        "open": list(row.open), "inputs": list(row.change.asked), "planned": said["planned"],
        "released": said["released"], "stale": said["stale"],
    }  # fmt: skip
