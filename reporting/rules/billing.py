"""What finance states of a deal: invoiced, credited, collected. And what it moves in the book `billings`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any, Literal

from ledger.rules.closed import Closed, carried
from ledger.rules.postings import BILLINGS, COLLECTED, INVOICED, SOURCE, Cause, Posting, first_of_month
from ledger.rules.problems import Fault
from ledger.rules.replay import Deviation, Entry
from pipeline.rules.deal import DealView
from pipeline.rules.seats import SeatView, holds

Sort = Literal["invoice", "credit", "collection"]
KINDS: Mapping[str, Sort] = {
    "invoice.issued": "invoice", "invoice.credited": "credit", "collection.received": "collection",
}  # fmt: skip
SORTS: Mapping[str, str] = {sort: kind for kind, sort in KINDS.items()}
MOST_NUMBER = 60


@dataclass(frozen=True, slots=True)
class Stated:
    """One line of finance. `amount` in minor units of `currency`, always above zero."""

    sort: Sort
    number: str
    day: date
    amount: int
    currency: str


@dataclass(frozen=True, slots=True)
class Known:
    """A line that is on the record; `value` in minor units of the reporting currency."""

    sort: str
    amount: int
    value: int


def faults(stated: Stated, deal: DealView, today: date) -> list[Fault]:
    found = []
    if not 1 <= len(stated.number) <= MOST_NUMBER:
        found.append(Fault("/number", "BILLING-1", f"Give the number of the document, 1 to {MOST_NUMBER} characters."))
    if stated.day > today:
        found.append(Fault("/day", "BILLING-2", f"{stated.day} has not come yet. Give the day of the document."))
    if deal.amount_minor is None or deal.value_minor is None:
        found.append(Fault("/deal", "BILLING-3", f"{deal.ref} is unpriced. Enter its amount, and a rate, first."))
    elif stated.currency != deal.currency:
        say = f"{deal.ref} is billed in {deal.currency}, not in {stated.currency}."
        found.append(Fault("/currency", "BILLING-4", say))
    return found


def value(stated: Stated, deal: DealView, known: Iterable[Known]) -> int:
    """Minor units of the reporting currency at the rate of the deal: frozen when it was booked. Rounded on the sum of
    what went the same way, so that a deal that is wholly invoiced is invoiced at exactly its value."""
    assert deal.amount_minor and deal.value_minor is not None  # see `faults`
    before = [one for one in known if one.sort == stated.sort]
    whole = Decimal(sum(one.amount for one in before) + stated.amount) * deal.value_minor / deal.amount_minor
    return int(whole.to_integral_value(ROUND_HALF_EVEN)) - sum(one.value for one in before)


def postings(stated: Stated, deal: DealView, worth: int, reporting: str) -> tuple[Posting, ...]:
    """In the month of the document."""
    place = COLLECTED if stated.sort == "collection" else INVOICED
    cause: Cause = "cancelled" if stated.sort == "credit" else "new"
    amount = -worth if stated.sort == "credit" else worth
    month = first_of_month(stated.day)

    def line(at: str, moved: int) -> Posting:
        return Posting(BILLINGS, at, month, deal.unit, deal.id, deal.owner, moved, reporting, cause)

    return (line(SOURCE, -amount), line(place, amount)) if amount else ()


def body(stated: Stated, worth: int) -> dict[str, Any]:
    return {
        "number": stated.number, "day": stated.day, "amount_minor": stated.amount, "currency": stated.currency,
        "value_minor": worth,
    }  # fmt: skip


def may(seats: Iterable[SeatView], unit: str) -> bool:
    return holds(seats, "finance", unit)


def deviations(
    entry: Entry, deal: DealView, known: Iterable[Known], seats: Iterable[SeatView], reporting: str, closed: Closed
) -> Iterator[Deviation]:
    """What an entry of `KINDS` says otherwise than the record before it."""
    said = entry.body
    stated = Stated(
        KINDS[entry.kind], said["number"], date.fromisoformat(said["day"]), said["amount_minor"], said["currency"]
    )
    worth = value(stated, deal, known)
    if worth != said["value_minor"]:
        yield Deviation("value_minor", worth, said["value_minor"])
    wanted = [line.as_body() for line in carried(postings(stated, deal, worth, reporting), closed, entry.recorded_at)]
    if wanted != list(said.get("postings", ())):
        yield Deviation("postings", wanted, list(said.get("postings", ())))
    if not may(seats, deal.unit):
        yield Deviation("actor", f"somebody who holds finance in {deal.unit}", entry.actor)


def strays(entry: Entry) -> Iterator[Deviation]:
    """Billings move by what finance states only."""
    if entry.kind not in KINDS and any(line["book"] == BILLINGS for line in entry.body.get("postings", ())):
        yield Deviation("postings", "none of the book billings", entry.kind)
