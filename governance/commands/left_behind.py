"""Deals that are left open in a closed month climb as an alert does that nobody answers: their owners were told at the
closing, their managers hear of it a day later with the digest, and the executive of the function after three days."""

from __future__ import annotations

from datetime import date, timedelta

from governance.commands.notifying import telling
from governance.queries import notices
from ledger.queries import periods
from ledger.rules import money
from ledger.transactions import command
from pipeline.queries import left_open, organisation, seats
from pipeline.queries.left_open import Owner

AFTER = {1: timedelta(hours=24), 2: timedelta(hours=72)}  # rung → how long after the closing, as of an alert
FORGOTTEN = timedelta(days=31)  # after which a closing is looked at no more


@command
def sweep() -> int:
    """Tells each rung of each closing once, of what is left open by then; returns how many people were told now."""
    now = seats.now()
    recent = {month: at for month, at in periods.closed().items() if now < at + FORGOTTEN}
    due = [(month, rung) for month, at in recent.items() for rung, wait in AFTER.items() if at + wait <= now]
    return sum(_tell(month, rung, closing) for (month, rung), closing in notices.untold_closings(due).items())


def _tell(month: date, rung: int, closing: int) -> int:
    link = f"/deals/?close_after={month}&close_before={left_open.last_day(month)}"
    currency = organisation.company().currency
    return telling.tell(
        telling.Word(
            f"entry/{closing}", rung, one.person, _sentence(one, month, currency), link, rung != 1, closing, None
        )
        for one in left_open.above(month, manager=rung == 1)
    )


def _sentence(one: Owner, month: date, currency: str) -> str:
    deals = (
        "1 open deal below you still expects" if one.deals == 1 else f"{one.deals} open deals below you still expect"
    )
    worth = money.text(one.value_minor, currency)
    return f"{month:%B %Y} is closed. {deals} to close in it, {worth}: have the close date moved, or the deal closed"
