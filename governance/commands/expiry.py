"""Verifications that have run out: found by index, written once each, un-booking what rested on them."""

from __future__ import annotations

import logging

from django.db import Error, connection

from ledger.commands.append import Draft, append
from ledger.rules.actor import SYSTEM
from ledger.rules.problems import Problem
from ledger.transactions import command
from pipeline.commands import booking
from pipeline.queries import deals

log = logging.getLogger(__name__)


def expired(limit: int = 500) -> list[tuple[int, str]]:
    """(deal, key) of what was met and is not valid any more, oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT split_part(stream, '/', 2)::bigint, key FROM ledger_standing"
            " WHERE effect <> 'unmet' AND valid_until <= (SELECT ledger_now()) AND stream LIKE 'deal/%%'"
            " AND requirement NOT IN ('waiver', 'capacity')"
            " ORDER BY valid_until LIMIT %s",
            [limit],
        )
        return cursor.fetchall()


@command
def expire(deal: int, key: str) -> bool:
    """Writes `milestone.expired` when it is still so under the lock; False when another worker was first."""
    locked = deals.lock(deal, SYSTEM.person)
    standing = locked.standings.get(key)
    if standing is None or standing.effect == "unmet" or not standing.valid_until or standing.valid_until > locked.now:
        return False
    body = {"key": key, "requirement": "milestone", "function": standing.function}
    append(locked.chain, Draft("milestone.expired", body, policy=locked.view.policy_version), by=SYSTEM)
    booking.settle(deal, locked.chain, locked.company, by=SYSTEM)
    return True


def sweep() -> int:
    """Expires all that is due; each in its own transaction, so one that fails holds nobody up."""
    done = 0
    for deal, key in expired():
        try:
            done += expire(deal, key)
        except (Problem, Error) as error:  # the next sweep tries again; until then the gate refuses what has run out
            log.error("expiry of %s on deal %s failed: %s", key, deal, error)
    return done
