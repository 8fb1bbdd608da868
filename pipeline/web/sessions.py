"""Sessions in the database, read by a statement whose plan is kept: each page begins with it."""

from __future__ import annotations

from typing import Any

from django.contrib.sessions.backends import db
from django.utils import timezone

from ledger.queries import prepared

_LOAD = "SELECT session_data FROM django_session WHERE session_key = %s AND expire_date > %s"


class SessionStore(db.SessionStore):
    """Django's own in all but how it is read."""

    def load(self) -> dict[str, Any]:
        key = self.session_key or ""
        # A cookie can hold any sign, also NUL, which PostgreSQL cannot be asked for.
        row = prepared.row(_LOAD, [key, timezone.now()]) if key.isascii() and key.isalnum() else None
        if row is None:
            self._session_key = None
            return {}
        found: dict[str, Any] = self.decode(row[0])
        return found
