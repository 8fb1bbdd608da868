"""Takes up what finance states: an invoice, a credit note, a payment. The same line twice changes nothing."""

from __future__ import annotations

from ledger.commands.append import Draft, append
from ledger.rules.actor import Actor
from ledger.rules.problems import bad_input, conflict, forbidden
from ledger.transactions import command
from pipeline import permissions
from pipeline.queries import deals
from reporting.queries import billing as query
from reporting.queries.billing import BillingRow
from reporting.rules import billing as rules
from reporting.rules.billing import Stated


@command
def state(
    number: int, stated: Stated, *, by: Actor, expected: int | None = None, dry_run: bool = False
) -> BillingRow | None:
    """Writes `invoice.issued`, `invoice.credited` or `collection.received` to the deal, in the month of the document.

    None when the same line is on record already, or with `dry_run`. A number that is on record with something else is
    a conflict. Raises Problem with every fault at once.
    """
    locked = deals.lock(number, by.person)
    view = locked.view
    permissions.check_can_see(locked.seats, view)
    if not rules.may(locked.seats, view.unit):
        raise forbidden(f"What is billed on {view.ref} is stated by finance. [BILLING-ACT-1]")
    held = query.stated(stated.sort, stated.number)
    if held is not None:
        same = (held.deal, held.day, held.amount, held.currency) == (
            number, stated.day, stated.amount, stated.currency,
        )  # fmt: skip
        if same:
            return None
        say = f"{stated.sort.capitalize()} {stated.number[:60]} is on record with another deal, day or amount."
        raise conflict("number-taken", "The number is taken", f"{say} Credit it instead. [BILLING-5]")
    if expected is not None and expected != view.version:
        raise permissions.stale_version(view.ref, expected, view.version)
    found = rules.faults(stated, view, locked.company.day_of(locked.now))
    if found:
        raise bad_input(found)
    if dry_run:
        return None
    worth = rules.value(stated, view, query.known(number))
    lines = rules.postings(stated, view, worth, locked.company.currency)
    append(locked.chain, Draft(rules.SORTS[stated.sort], rules.body(stated, worth), postings=lines), by=by)
    return query.stated(stated.sort, stated.number)
