"""Rates by finance: one, or a file of them. The same rate again changes nothing."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django.db import transaction

from ledger.rules.actor import Actor
from ledger.rules.problems import Fault, Problem, bad_input
from ledger.transactions import command
from pipeline import permissions
from pipeline.commands import organisation
from pipeline.queries import rates, seats
from pipeline.queries.organisation import company
from pipeline.rules import rate_rows
from pipeline.rules.importing import row_file
from pipeline.rules.importing.row_file import MOST_ROWS, Cells, Outcome, Report, RowFault

_NAMES = {"/currency": "currency", "/day": "day", "/rate": "rate"}


@command
def publish(currency: str, day: date, rate: Decimal, *, by: Actor, dry_run: bool = False) -> bool:
    """Writes `rate.published`; another rate for the same day corrects it, for what is priced from now on. False when
    it is on record already. Open deals are repriced after it; what is booked keeps its rate."""
    permissions.check_can_publish_rates(by, seats.of_person(by.person))
    reporting = company().currency
    if currency == reporting:
        say = f"{reporting} is the reporting currency; its rate is always 1. Leave it out."
        raise bad_input([Fault("/currency", "RATE-2", say)])
    held = rates.of_day(currency, day)
    if held == rate:
        return False
    organisation.check_rate(currency, rate)
    if not dry_run:
        organisation.publish_rate(currency, day, rate, by=by)
    return True


def take(data: bytes, *, by: Actor, dry_run: bool = False, most: int = MOST_ROWS) -> Report:
    """A file with the columns currency, day, rate; a rejected row holds up no other."""
    permissions.check_can_publish_rates(by, seats.of_person(by.person))
    report = Report()
    for line, cells in row_file.rows(data, rate_rows.COLUMNS, most=most):
        report.add(line, cells, _row(cells, by, dry_run))
    return report


def _row(cells: Cells, by: Actor, dry_run: bool) -> Outcome | list[RowFault]:
    found = rate_rows.read(cells)
    if isinstance(found, RowFault):
        return [found]
    try:
        with transaction.atomic():  # so that a refusal takes back its own row alone
            return "accepted" if publish(*found, by=by, dry_run=dry_run) else "unchanged"
    except Problem as problem:
        return [RowFault(_NAMES.get(one.pointer, "rate"), one.code, one.message) for one in problem.faults] or [
            RowFault("rate", problem.slug, problem.detail)
        ]
