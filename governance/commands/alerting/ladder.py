"""What the clock alone does to an alert: it climbs unanswered, and a broken promise opens it again. Safe twice."""

from __future__ import annotations

import logging

from django.db import Error

from governance.commands.alerting import acts
from governance.queries import alerts
from governance.rules import alert as rules
from ledger.commands.append import Draft, append, lock
from ledger.rules.actor import SYSTEM
from ledger.rules.problems import Problem
from ledger.transactions import command

log = logging.getLogger(__name__)
CHUNK = 200
MOST = 5_000  # alerts that one run takes up; the next run goes on


@command
def look(number: int) -> bool:
    """Writes `alert.escalated` or `alert.reopened` when it is so under the lock; False when another was first."""
    chain = lock(f"alert/{number}")
    row = alerts.one(number)
    alert = row.alert
    if alert.next_at is None or alert.next_at > chain.now:
        return False
    if alert.state == "committed":
        if row.done:
            return False  # kept: it waits for another person
        acts.reopen(row, chain, "plan-missed", SYSTEM)
        return True
    rung = alert.rung + 1
    now = chain.next_moment()
    following = rules.next_at(alert.state, rung, now, alert.due_at, now)
    (entry,) = append(chain, Draft("alert.escalated", {"rung": rung, "next": following}), by=SYSTEM)
    acts.climb(row, rung, entry.id)
    return True


def sweep(most: int = MOST) -> int:
    """All that is due, longest waiting first; each in its own transaction, so one that fails holds nobody up."""
    done, passed = 0, set[int]()
    while most > 0 and (found := alerts.called(min(CHUNK, most), passed)):
        most -= len(found)
        passed.update(found)
        for number in found:
            try:
                done += look(number)
            except (Problem, Error) as error:
                log.error("alert %s could not climb: %s", number, error)
    return done
