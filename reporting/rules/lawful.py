"""Judges entries of revenue again: the terms and causes that the record gives, and the postings that follow."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from ledger.rules.replay import Deviation, Entry
from ledger.rules.standing import Standings
from pipeline.rules import slips
from pipeline.rules.deal import DealView
from pipeline.rules.policy import Policy
from reporting.rules import revenue
from reporting.rules import revenue_entries as said
from reporting.rules.revenue import BOOK, Place

SCHEDULED, VARIED = KINDS = ("revenue.scheduled", "variance.recorded")


@dataclass(slots=True)
class Book:
    """What one deal's entries have put into the book so far, and the last thing agreed."""

    held: dict[Place, int] = field(default_factory=dict)
    agreed: Mapping[str, Any] | None = None

    def take(self, entry: Entry) -> None:
        if entry.kind == SCHEDULED:
            self.agreed = entry.body
        for line in entry.body.get("postings", ()):
            if line["book"] == BOOK:
                place = Place(line["place"], date.fromisoformat(line["period"]), line["unit"], line["seat"])
                self.held[place] = self.held.get(place, 0) + line["amount"]
                if not self.held[place]:
                    del self.held[place]


def deviations(
    policy: Policy, deal: DealView, standings: Standings, book: Book, entry: Entry, currency: str, zone: str
) -> Iterator[Deviation]:
    """What an entry of `KINDS` says otherwise than the record before it. How far a system estimate reaches is the
    entry's own word: it comes from what other deals had done by then."""
    body = entry.body
    agreed = body if entry.kind == SCHEDULED else book.agreed
    if agreed is None:
        yield Deviation("revenue", "a schedule before it varies", None)
        return
    terms, owner, causes = said.terms_of(agreed), said.owner_of(agreed), said.causes_of(body)
    if entry.kind == SCHEDULED:
        expected = slips.terms(policy, deal, standings, zone)
        if expected != terms:
            yield Deviation("terms", expected, terms)
        if (deal.unit, deal.owner) != owner:
            yield Deviation("owner", (deal.unit, deal.owner), tuple(owner))
    if body["state"] == "scheduled":
        today = entry.recorded_at.astimezone(ZoneInfo(zone)).date()
        estimates = {cause.key: (cause.expected - today).days for cause in causes if cause.estimate}
        again = slips.causes(policy, terms.start, standings, entry.recorded_at, zone, estimates)
        if again != causes:
            yield Deviation("causes", again, causes)
    lines = revenue.moves(deal.id, book.held, terms, causes, body["state"], owner, body["why"], currency)
    wanted, found = [line.as_body() for line in lines], list(body.get("postings", ()))
    wanted = [{**line, "period": str(line["period"])} for line in wanted]
    if wanted != found:
        yield Deviation("postings", wanted, found)


def strays(entry: Entry) -> Iterator[Deviation]:
    """Revenue moves by entries of revenue only."""
    if entry.kind not in KINDS and any(line["book"] == BOOK for line in entry.body.get("postings", ())):
        yield Deviation("postings", "none of the book revenue", entry.kind)
