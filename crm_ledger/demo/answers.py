"""How people of the demo answer alerts: a step each working morning, a promise kept or broken, another who says so."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from functools import partial

from crm_ledger.demo.company import Cast
from governance.commands.alerting import acts
from governance.queries import alerts
from governance.queries.alerts import AlertRow
from governance.rules import alert as rules
from ledger.rules.actor import Actor
from pipeline.queries import calendars, seats
from pipeline.rules.calendar import Calendar

Event = tuple[datetime, Callable[[], object]]

_OPEN = rules.STATES[:-1]
_FORGOTTEN = 6  # every sixth is left to climb
_PROMISED = 5  # business days from the morning on which somebody promises
# Function → cause, what happened, and how it will be done.
_SAID = {
    "sales": ("customer", "Their buyer was away, and nobody else may sign.", "It is signed at our next visit."),
    "operations": ("supplier", "The line that makes the parts stood still.", "A second shift catches up."),
    "finance": ("customer", "Their papers came late, and one page was missing.", "We call them each morning."),
}


def events(begins: datetime, base: datetime, cast: Cast) -> Iterator[Event]:
    morning = begins.replace(hour=9, minute=10, second=0, microsecond=0) + timedelta(days=1)
    while morning < base:
        if morning.weekday() < 5:
            yield morning, partial(_morning, cast)
        morning += timedelta(days=1)


def _morning(cast: Cast) -> None:
    for row in alerts.listing(seats.of_person(cast.people["ceo"]), states=_OPEN, limit=200):
        if row.alert.subject == "milestone" and row.owner_person is not None:
            _step(row, Actor(row.owner_person, "shell"), cast)


def _step(row: AlertRow, owner: Actor, cast: Cast) -> None:
    alert = row.alert
    cause, happened, plan = _SAID[alert.function]
    if alert.state == "open":
        forgotten = alert.id % _FORGOTTEN == 0 and alert.rung < rules.TOP
        given_up = alert.promised_on is not None and alert.rung == rules.TOP and not row.done
        if not forgotten and not given_up:
            acts.acknowledge(alert.id, by=owner)
    elif alert.state == "acknowledged":
        acts.explain(alert.id, cause, happened, by=owner)
    elif row.done:
        acts.verify(alert.id, True, by=_another(row, cast))
    elif alert.state == "explained":
        acts.commit(alert.id, _day(row, calendars.of_unit(alert.unit)), plan, by=owner)


def _day(row: AlertRow, calendar: Calendar) -> date:
    first = calendar.after(calendar.day_of(seats.now()))
    return min(calendar.nth(first, _PROMISED), max(first, rules.latest_promise(row.alert.opened_at, calendar)))


def _another(row: AlertRow, cast: Cast) -> Actor:
    """Of the other side: the manager where sales waits, else a lead of operations."""
    return cast.by(f"{'manager' if row.alert.counterpart == 'sales' else 'ops'}.{row.alert.unit}")
