"""Mail that the demo has kept."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from django.db import connection


class Mail(NamedTuple):
    id: int
    recipient: str
    subject: str
    body: str
    at: datetime


def sent(to: str | None, *, before: int | None = None, limit: int = 30) -> list[Mail]:
    """Newest first: what went to one address, or to anybody."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, recipient, subject, body, at FROM governance_sentmail WHERE id < %s"
            f"{'' if to is None else ' AND recipient = %s'} ORDER BY id DESC LIMIT %s",
            [before or 2**62, *([] if to is None else [to.lower()]), limit],
        )
        return [Mail(*row) for row in cursor.fetchall()]
