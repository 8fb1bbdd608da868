"""Judges entries of revenue again: the terms and causes that the record gives, and the postings that follow."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from ledger.rules.closed import Closed, carried
from ledger.rules.replay import Deviation, Entry
from ledger.rules.standing import Standings
from pipeline.rules import slips
from pipeline.rules.deal import DealView
from pipeline.rules.policy import Policy
from reporting.rules import revenue
from reporting.rules import revenue_entries as said
from reporting.rules.revenue import BOOK, Place, State

SCHEDULED = "revenue.scheduled"
KINDS = (SCHEDULED, "revenue.recognised", "variance.recorded")


@dataclass(slots=True)
class Book:
    """What one deal's entries have put into the book so far, the last thing agreed and the last thing said."""

    held: dict[Place, int] = field(default_factory=dict)
    agreed: Mapping[str, Any] | None = None
    agreed_entry: int = 0
    entry: int = 0
    state: State | None = None
    through: date | None = None
    look_on: date | None = None

    def take(self, entry: Entry) -> None:
        if entry.kind == SCHEDULED:
            self.agreed, self.agreed_entry = entry.body, entry.id
        if entry.kind in KINDS:
            self.entry, self.state = entry.id, said.state_of(entry.body)
            self.through, self.look_on = said.through_of(entry.body), said.day_of(entry.body, "look_on")
        for line in entry.body.get("postings", ()):
            if line["book"] == BOOK:
                month = date.fromisoformat(line.get("relates_to", line["period"]))
                place = Place(line["place"], month, line["unit"], line["seat"])
                self.held[place] = self.held.get(place, 0) + line["amount"]
                if not self.held[place]:
                    del self.held[place]


def deviations(
    policy: Policy,
    deal: DealView,
    standings: Standings,
    book: Book,
    entry: Entry,
    currency: str,
    zone: str,
    closed: Closed,
) -> Iterator[Deviation]:
    """What an entry of `KINDS` says otherwise than the record before it. How far a system estimate reaches is the
    entry's own word: it comes from what other deals had done by then."""
    body = entry.body
    agreed = body if entry.kind == SCHEDULED else book.agreed
    if agreed is None:
        yield Deviation("revenue", "a schedule before it varies", None)
        return
    today = entry.recorded_at.astimezone(ZoneInfo(zone)).date()
    plan = said.plan_of(agreed, body)
    if entry.kind == SCHEDULED:
        expected = slips.terms(policy, deal, standings, zone)
        if expected != plan.terms:
            yield Deviation("terms", expected, plan.terms)
        if (deal.unit, deal.owner) != plan.owner:
            yield Deviation("owner", (deal.unit, deal.owner), tuple(plan.owner))
    if plan.state == "scheduled":
        estimates = {cause.key: (cause.expected - today).days for cause in plan.causes if cause.estimate}
        again = slips.causes(policy, plan.terms.start, standings, entry.recorded_at, zone, estimates)
        if again != plan.causes:
            yield Deviation("causes", again, plan.causes)
    passed = revenue.through(plan.state, book.state, book.through, today)
    if passed != plan.through:
        yield Deviation("through", passed, plan.through)
    looks = revenue.look_on(plan, today)
    if looks != said.day_of(body, "look_on"):
        yield Deviation("look_on", looks, said.day_of(body, "look_on"))
    lines = revenue.moves(deal.id, book.held, plan, body["why"], currency)
    wanted = [line.as_body() for line in carried(lines, closed, entry.recorded_at)]
    found = list(body.get("postings", ()))
    if wanted != found:
        yield Deviation("postings", wanted, found)


def strays(entry: Entry) -> Iterator[Deviation]:
    """Revenue moves by entries of revenue only."""
    if entry.kind not in KINDS and any(line["book"] == BOOK for line in entry.body.get("postings", ())):
        yield Deviation("postings", "none of the book revenue", entry.kind)
