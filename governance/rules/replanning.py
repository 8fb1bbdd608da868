"""Who moves the plan of a milestone, and to which days."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from governance.rules.alert import counterpart_of
from governance.rules.verification import Refusal
from ledger.rules.problems import Fault
from pipeline.rules.deal import DealView
from pipeline.rules.seats import SeatView, holds

FARTHEST = timedelta(days=366)


def movers(requirement: str, function: str) -> tuple[str, ...]:
    """The functions that move a plan: the one that owes it; of a handshake either side, for one owes the offer and the
    other the answer."""
    return (function, counterpart_of(function)) if requirement == "handshake" else (function,)


def replanning(seats: Iterable[SeatView], deal: DealView, functions: Sequence[str]) -> Refusal | None:
    """A function that owes it accepts the new day by writing it; nobody else can, the deal's owner included."""
    held = tuple(seats)
    if any(holds(held, function, deal.unit) for function in functions):
        return None
    who = " or ".join(functions)
    return Refusal("REPLAN-1", f"A plan of {who} is moved by somebody who holds it in {deal.unit}.", False)


def faults(
    day: date | None, note: str, due: datetime | None, moment: datetime | None, today: date, planned: date
) -> list[Fault]:
    """`moment`: the end of work on `day`; `due`: until when it is owed now; `planned`: the day of the first plan."""
    found, last = [], max(today, planned) + FARTHEST
    if day is None or day <= today:
        found.append(Fault("/due", "REPLAN-2", "A new plan names a day to come."))
    elif day > last:
        say = f"At the latest {last.isoformat()}, a year after the first plan: later is not a plan."
        found.append(Fault("/due", "REPLAN-3", say))
    elif moment == due:
        found.append(Fault("/due", "REPLAN-4", f"It is planned for {day.isoformat()} already. Choose another day."))
    if not 3 <= len(note.strip()) <= 2000:
        found.append(Fault("/note", "REPLAN-5", "Say why it moves, in 3 to 2,000 characters."))
    return found
