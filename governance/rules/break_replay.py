"""Breaks read again from the record: what each came to, and whether each step follows from what it states."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from governance.rules.breaks import SORTS, Break, Facts
from ledger.rules.actor import SYSTEM_PERSON
from ledger.rules.replay import Deviation, Entry


def after(was: Break | None, entry: Entry) -> Break:
    """What an entry makes of a break."""
    body, at = entry.body, entry.recorded_at
    if was is None:
        return Break(
            int(entry.stream.split("/")[1]), body["deal"], body["unit"], body["sort"], body["function"],
            date.fromisoformat(body["month"]), body["amount_minor"], body["currency"], body["facts"], at, at,
            entry=entry.id,
        )  # fmt: skip
    now = replace(was, amount=body["amount_minor"], facts=body["facts"], at=at, entry=entry.id)
    return replace(now, cleared_at=at) if entry.kind == "break.cleared" else now


def act(was: Break | None, entry: Entry) -> Iterator[Deviation]:
    """The reconciliation alone writes them, and what it found follows from the facts that it states."""
    now, body = after(was, entry), entry.body
    if entry.actor != SYSTEM_PERSON:
        yield Deviation("actor", "the reconciliation itself", entry.actor)
    if (was is None) != (entry.kind == "break.found") or (was is not None and was.cleared_at is not None):
        yield Deviation("kind", "a break that is found once, and changes until it is cleared", entry.kind)
    sort = SORTS[now.sort]
    amount = max(0, sort.amount(Facts(**body["facts"])))
    if amount != now.amount:
        yield Deviation("amount_minor", amount, now.amount)
    if (amount > body["tolerance"]) != (entry.kind != "break.cleared"):
        yield Deviation("amount_minor", f"cleared up to {body['tolerance']}, open beyond", amount)
    if sort.function != now.function:
        yield Deviation("function", sort.function, now.function)
