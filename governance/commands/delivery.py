"""What follows an entry after commit: people are told, each once, however often the message arrives."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from governance.commands.notifying import telling
from governance.queries import milestones, people
from governance.rules import turn
from ledger.commands import outbox
from ledger.queries import entries
from ledger.rules import money
from ledger.rules.kinds import KINDS
from ledger.rules.postings import BOOKED_UNDER_WAIVER
from ledger.transactions import command
from pipeline.queries import deals, left_open, organisation


@command
def tell_verifiers(entry_id: int) -> None:
    """A submission waits: everyone who could verify it hears of it, save those who stand too near."""
    if not outbox.take(entry_id, "tell-verifiers"):
        return
    entry = entries.one(entry_id)
    deal = int(entry.stream.split("/")[1])
    view = deals.read_one(deal).view
    row = next(row for row in milestones.of_deal(deal) if row.key == entry.body["key"])
    who = people.holders(row.function, view.unit, without={view.owner_person, entry.actor})
    _tell((person for person, _ in who), entry_id, deal, f"{view.ref} {row.title}: {row.name} waits for verification",
          f"/queue/?milestone={row.id}")  # fmt: skip


@command
def tell_owner(entry_id: int) -> None:
    """Something changed for the owner of a deal that somebody else did."""
    if not outbox.take(entry_id, "tell-owner"):
        return
    entry = entries.one(entry_id)
    deal = int(entry.stream.split("/")[1])
    view = deals.read_one(deal).view
    if entry.actor == view.owner_person:
        return
    key = entry.body.get("key")
    named = next((row.name for row in milestones.of_deal(deal) if row.key == key), "")
    under = " under waiver" if entry.kind == "booking.recorded" and view.place == BOOKED_UNDER_WAIVER else ""
    sentence = f"{view.ref}: {KINDS[entry.kind].sentence}{under}{f', {named}' if named else ''}"
    _tell([view.owner_person], entry_id, deal, sentence, f"/deals/{view.ref}/")


@command
def tell_turn(entry_id: int) -> None:
    """A question, its answer or a hand over: whoever's turn it is now hears of it."""
    if not outbox.take(entry_id, "tell-turn"):
        return
    entry = entries.one(entry_id)
    to = entries.one(entry.body["question"]).actor if entry.kind == turn.ANSWERED else entry.body["to"]
    if to is None or to == entry.actor:
        return
    deal = int(entry.stream.split("/")[1])
    row = next(row for row in milestones.of_deal(deal) if row.key == entry.body["key"])
    what = {
        turn.ASKED: "you are asked a question", turn.ANSWERED: "your question is answered",
        turn.HANDED: "is handed over to you",
    }[entry.kind]  # fmt: skip
    tab = "&tab=asked" if entry.kind == turn.ASKED else ""
    _tell([to], entry_id, deal, f"{row.ref} {row.title}: {row.name}, {what}", f"/queue/?milestone={row.id}{tab}")


@command
def tell_left_open(entry_id: int) -> None:
    """A month is closed: each owner of open deals that expect to close in it hears once how many there are."""
    if not outbox.take(entry_id, "tell-left-open"):
        return
    month = date.fromisoformat(f"{entries.one(entry_id).stream.removeprefix('period/')}-01")
    currency = organisation.company().currency
    link = f"/deals/?owner=me&close_after={month}&close_before={left_open.last_day(month)}"
    telling.tell(
        telling.Word(f"entry/{entry_id}", 0, one.person, _left(one, month, currency), link, True, entry_id, None)
        for one in left_open.owners(month)
    )


def _left(one: left_open.Owner, month: date, currency: str) -> str:
    deals = "1 open deal of yours still expects" if one.deals == 1 else f"{one.deals} open deals of yours still expect"
    worth = money.text(one.value_minor, currency)
    return f"{month:%B %Y} is closed. {deals} to close in it, {worth}: move the close date, or close as lost"


def _tell(persons: Iterable[int], entry_id: int, deal: int, sentence: str, link: str) -> None:
    telling.notify(f"entry/{entry_id}", 0, persons, sentence, link, entry=entry_id, deal=deal)
