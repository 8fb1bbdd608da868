"""GET POST /tokens/, DELETE /tokens/{number}/: one's own keys to this interface."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from ledger.api import describe, paging
from ledger.api.reading import Reader
from ledger.api.schemas import takes, text
from ledger.api.shapes import day, moment
from ledger.api.views import ApiView
from ledger.api.writes import writes
from pipeline.commands import tokens as commands
from pipeline.queries import tokens
from pipeline.queries.tokens import TokenRow

_BODY = takes(
    "name",
    name=text(1, 100),
    scope={"type": "string", "enum": list(commands.SCOPES)},
    days={"type": "integer", "minimum": 1, "maximum": commands.LONGEST_DAYS},
)


class Tokens(ApiView):
    @describe.listing("List my tokens", "Token")
    def get(self, request: Request) -> Response:
        asked = paging.query(request)
        after, limit = asked.number("after"), paging.limit(asked)
        asked.done()
        rows = tokens.of_person(self.actor.person, after=after, limit=limit + 1)
        return paging.page(request, map(_token, rows[:limit]), rows[limit - 1].id if len(rows) > limit else None)

    @describe.write("Make a token", _BODY, "NewToken")
    @writes(said_once=["secret"])
    def post(self, request: Request) -> Response:
        """Makes a token that acts as you. `secret` is said once: a replay of the same key says null."""
        stated = Reader(request.data)
        name = stated.text("name", required=True, most=100)
        scope = stated.choice("scope", commands.SCOPES) or "read"
        days = stated.number("days", least=1, most=commands.LONGEST_DAYS) or 90
        stated.done()
        issued = commands.issue(self.actor.person, name, scope, days, by=self.actor)
        return Response({**_token(issued.row), "secret": issued.secret}, 201)


class Token(ApiView):
    @describe.write("Revoke a token", None, None, describe.path("number"), status=204)
    @writes
    def delete(self, request: Request, number: int) -> Response:
        """Ends one of your tokens at once."""
        commands.revoke(number, by=self.actor)
        return Response(status=204)


def _token(row: TokenRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "name": row.name,
        "prefix": row.prefix,
        "scope": row.scope,
        "created_at": moment(row.created_at),
        "expires_at": moment(row.expires_at),
        "revoked_at": moment(row.revoked_at),
        "last_used_on": day(row.last_used_on),
    }
