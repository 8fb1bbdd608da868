"""A person puts notices away once they have seen them."""

from __future__ import annotations

from django.db import connection

from ledger.rules.actor import Actor
from ledger.transactions import command


@command
def put_away(until: int, *, by: Actor) -> None:
    """All of this person's notices up to one; what came later stays."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE governance_notice SET read_at = ledger_now() WHERE person_id = %s AND id <= %s AND read_at IS NULL",
            [by.person, until],
        )
