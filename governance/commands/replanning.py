"""Moves the plan of a milestone, or the day of a handshake: who owes it says until when it will be done instead."""

from __future__ import annotations

from datetime import date, datetime

from governance import permissions
from governance.commands import milestones
from governance.commands.milestones import Held
from governance.queries import people
from governance.rules import replanning as rules
from ledger.commands.append import append
from ledger.rules.actor import Actor
from ledger.rules.problems import bad_input
from ledger.transactions import command, step
from pipeline.queries import calendars


@command
def replan(number: int, day: date | None, note: str, *, by: Actor) -> None:
    """Writes `milestone.replanned` or `handshake.replanned`; the revenue that hangs on it moves in the same
    transaction. A miss is cleared, and possible again. Raises who-may (403) and every fault of day and reason."""
    held = milestones.hold(number, "replan", by)
    unit, movers = held.locked.view.unit, rules.movers(held.requirement, held.standing.function)
    others = [name for one in movers for _person, name in people.holders(one, unit, without=[by.person])]
    permissions.check(rules.replanning(held.locked.seats, held.locked.view, movers), others)
    calendar = calendars.of_unit(unit)
    due = calendar.end_of_work(day) if day else None
    today = calendar.day_of(held.locked.now)
    first = held.standing.first_due_at or held.locked.now
    faults = rules.faults(day, note, held.standing.due_at, due, today, calendar.day_of(first))
    if faults or due is None:
        raise bad_input(faults, "Not re-planned")
    move(held, due, note.strip(), by=by)


@step
def move(held: Held, due: datetime, note: str, *, by: Actor) -> None:
    """The entry itself, for a milestone whose deal is locked and whose day was judged."""
    was = held.standing.due_at
    kind = f"{held.requirement}.replanned"
    append(held.locked.chain, held.draft(kind, private={"note": note}, due=due, was=was), by=by)
