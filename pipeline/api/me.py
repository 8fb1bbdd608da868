"""GET /me/: who is behind this token or session, and what they may."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from ledger.api import describe
from ledger.api.shapes import moment
from ledger.api.views import ApiView
from ledger.permissions import can_read_record
from pipeline import permissions
from pipeline.queries.tokens import Bearer


class Me(ApiView):
    @describe.read("Read who I am", "Me")
    def get(self, request: Request) -> Response:
        """You, your seats now, and what they allow. `units` null: every unit."""
        person: Any = request.user
        return Response(
            {
                "id": person.pk,
                "name": person.name,
                "email": person.email,
                "token": _token(request.auth),
                "seats": [
                    {"id": seat.id, "function": seat.function, "unit": seat.unit, "role": seat.role}
                    for seat in self.seats
                ],
                "permissions": {
                    **permissions.summary(self.seats),
                    "read_record": can_read_record(seat.role for seat in self.seats),
                },
            }
        )


def _token(auth: Any) -> dict[str, Any] | None:
    if not isinstance(auth, Bearer):
        return None
    return {"id": auth.token, "name": auth.name, "scope": auth.scope, "expires_at": moment(auth.expires_at)}
