"""The daily three-way reconciliation: promise = plan = books. What does not agree becomes a break and its alert.

Safe twice and on any number of machines: what is written of a deal is judged under its lock, and a pass goes on from
where the last run came to.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import date

from django.db import Error
from django.db.models import F

from governance.commands import breaks as writing
from governance.commands.breaks import Counts, Limits
from governance.queries import breaks
from governance.queries.breaks import BreakRow
from governance.rules import breaks as rules
from ledger.commands.append import lock_many
from ledger.rules.actor import Actor
from ledger.rules.problems import Problem
from ledger.transactions import command
from pipeline.queries import organisation, policies, seats
from reporting.models import Reconciliation
from reporting.queries import three_way

log = logging.getLogger(__name__)
CHUNK = 500  # deals in one transaction
MOST = 50_000  # deals that one run takes up; the next run goes on


def sweep(most: int = MOST) -> int:
    """Goes on with the pass of today; returns how many deals it took up, 0 when the pass is finished."""
    today, done = organisation.company().day_of(seats.now()), 0
    run = _of(today)
    while run.finished_at is None and most > 0:
        numbers = three_way.following(run.place, min(CHUNK, most))
        counts = _checked(numbers)
        if not _moved_on(run, numbers, counts):
            break  # another one was first, and goes on
        done, most = done + len(numbers), most - len(numbers)
    return done


@command
def begin_again(day: date) -> None:
    """A pass of its own on demand, whether or not that of the day is finished."""
    Reconciliation.objects.filter(day=day).delete()


@command
def recheck(number: int, *, by: Actor) -> BreakRow:
    """Judges the deal of a break anew, for whoever may see it; what agrees by now is cleared. Raises not-found."""
    held = seats.of_person(by.person)
    _check([breaks.visible(held, number).found.deal])
    return breaks.visible(held, number)


def of_day(day: date) -> Reconciliation | None:
    return Reconciliation.objects.filter(day=day).first()


@command
def _of(day: date) -> Reconciliation:
    run, _new = Reconciliation.objects.get_or_create(day=day, defaults={"began_at": seats.now()})
    return run


def _checked(numbers: Sequence[int]) -> Counts:
    """A chunk that fails is taken one by one, and what still fails holds nobody up: tomorrow it is tried again."""
    try:
        return _check(numbers)
    except (Problem, Error) as error:
        log.warning("a chunk of %s deals could not be reconciled, they are taken singly: %s", len(numbers), error)
    counts = Counts()
    for number in numbers:
        try:
            counts.add(_check([number]))
        except (Problem, Error) as error:
            log.error("deal %s could not be reconciled: %s", number, error)
    return counts


@command
def _check(numbers: Sequence[int]) -> Counts:
    """Judges these deals; only those of which something is to be written are locked, and judged again under it."""
    company = organisation.company()
    limits = Limits(
        rules.threshold(policies.in_force().thresholds, rules.TOLERANCE, rules.TOLERANCE_MINOR), company.currency
    )
    today, held = company.day_of(seats.now()), breaks.open_of(numbers)
    judged = three_way.read(numbers, today, limits.tolerance)
    moved = [one.deal for one in judged if writing.differs(one, held.get(one.deal, {}), limits)]
    if not moved:
        return Counts()
    chains = lock_many([f"deal/{number}" for number in moved])
    return writing.settle(three_way.read(moved, today, limits.tolerance), limits, chains[0].now)


@command
def _moved_on(run: Reconciliation, numbers: Sequence[int], counts: Counts) -> bool:
    """Notes how far it came, unless another one did."""
    place = numbers[-1] if numbers else run.place
    finished = None if numbers else seats.now()
    moved = Reconciliation.objects.filter(day=run.day, place=run.place, finished_at=None).update(
        place=place, finished_at=finished, deals=F("deals") + len(numbers), found=F("found") + counts.found,
        changed=F("changed") + counts.changed, cleared=F("cleared") + counts.cleared,
    )  # fmt: skip
    run.place, run.finished_at = place, finished
    return moved == 1
