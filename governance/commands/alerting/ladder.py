"""What the clock alone does to an alert: it climbs unanswered, and a broken promise opens it again. Safe twice."""

from __future__ import annotations

import logging
from collections import defaultdict
from datetime import date, datetime
from typing import Any

from django.db import Error

from governance.commands.alerting import acts
from governance.queries import alerts, foretold
from governance.queries.alerts import AlertRow
from governance.rules import alert as rules
from governance.rules import projected
from ledger.commands.append import Draft, append, lock
from ledger.rules.actor import SYSTEM
from ledger.rules.problems import Problem
from ledger.transactions import command
from pipeline.queries import calendars, seats

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
        unkept = _unkept(row, chain.now)
        if unkept is None:
            return False  # kept: it waits for another person
        acts.reopen(row, chain, "plan-missed", SYSTEM, **unkept)
        return True
    rung = alert.rung + 1
    now = chain.next_moment()
    following = rules.next_at(alert.state, rung, now, alert.due_at, now)
    (entry,) = append(chain, Draft("alert.escalated", {"rung": rung, "next": following}), by=SYSTEM)
    acts.climb(row, rung, entry.id)
    return True


def _unkept(row: AlertRow, now: datetime) -> dict[str, Any] | None:
    """What the entry says of a promise that is broken; None when it was kept. One of capacity was kept when what is
    forecast fits by now, or its month has passed."""
    alert = row.alert
    if alert.subject != "capacity":
        return None if row.done else {}
    month = foretold.load(alert.unit, projected.month_of(alert.about))
    over = projected.still_over(month, calendars.of_unit(alert.unit).day_of(now))
    return {"capacity": projected.facts(month)} if over else None


def sweep(most: int = MOST) -> int:
    """All that is due, longest waiting first; each in its own transaction, so one that fails holds nobody up."""
    done, passed = 0, set[int]()
    while most > 0 and (found := alerts.called(min(CHUNK, most), passed)):
        most -= len(found)
        passed.update(found)
        done += sum(_alone(number) for number in found)
    return done + sum(_alone(number) for number in _still_over())


def _alone(number: int) -> bool:
    try:
        return look(number)
    except (Problem, Error) as error:
        log.error("alert %s could not climb: %s", number, error)
        return False


def _still_over() -> list[int]:
    """Alerts of capacity whose promised day has passed while what is forecast goes over still; forecasts are asked once
    for each unit, and not at all while no such day has passed."""
    by_unit = defaultdict[str, dict[int, date]](dict)
    for number, unit, about in alerts.promised_of_capacity(MOST):
        by_unit[unit][number] = projected.month_of(about)
    found = []
    for unit, asked in by_unit.items():
        today = calendars.of_unit(unit).day_of(seats.now())
        loads = foretold.loads(unit, set(asked.values()))
        found += [number for number, month in asked.items() if projected.still_over(loads[month], today)]
    return found
