"""Who calls: a token in `Authorization: Bearer`, or the session of a browser. Both bring the seats along."""

from __future__ import annotations

from typing import Any

from rest_framework import authentication
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request

from pipeline.commands import tokens as token_commands
from pipeline.models import ApiToken
from pipeline.queries import seats, tokens

_LONGEST = 200


class TokenAuthentication(authentication.BaseAuthentication):
    """401 for a token that is not good, 403 when one that may only read is used to write."""

    def authenticate(self, request: Request) -> tuple[Any, Any] | None:
        word, _, secret = request.headers.get("Authorization", "").partition(" ")
        if word.lower() != "bearer":
            return None
        secret = secret.strip()
        found = tokens.bearer(secret) if secret.isascii() and len(secret) <= _LONGEST else None
        if found is None:
            raise AuthenticationFailed("This token is unknown, has ended or was revoked. Make a new one.")
        if found.scope == ApiToken.READ and request.method not in SAFE_METHODS:
            raise PermissionDenied("This token may only read. Make one with the scope write.")
        if found.unmarked:
            token_commands.mark_used(found.token)
        request.seats = found.seats  # type: ignore[attr-defined]
        return found.person, found

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="crm-ledger"'


class SessionAuthentication(authentication.SessionAuthentication):
    """The browser's session, with its CSRF token on every write."""

    def authenticate(self, request: Request) -> tuple[Any, Any] | None:
        found = super().authenticate(request)
        if found is not None:
            request.seats = seats.of_person(found[0].pk)  # type: ignore[attr-defined]
        return found
