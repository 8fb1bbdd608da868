"""A month as somebody may see it: its state for everybody, figures of the units that their seats cover."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from ledger.queries import periods
from ledger.queries.periods import PeriodRow
from ledger.rules.actor import Actor
from pipeline.queries import left_open, organisation, seats
from pipeline.queries.organisation import Company
from pipeline.rules.seats import SeatView, visible_units
from reporting.queries import closing as query
from reporting.queries.closing import Snapshot
from reporting.rules import closing as rules
from reporting.rules.closing import Line
from reporting.rules.figures import totals


@dataclass(frozen=True, slots=True)
class Month:
    """`reported`: of the newest snapshot, or as it stands while the month is open; `known`: as is known now. Both in
    minor units by measure. `seen`: the fingerprint of the figures that would be signed now. `left`: open deals of these
    units that still expect to close in it, and their value."""

    company: Company
    row: PeriodRow
    lines: tuple[Line, ...]
    reported: Mapping[str, int]
    known: Mapping[str, int]
    snapshots: Sequence[Snapshot]
    seen: str
    names: Mapping[int, str]
    today: date
    left: tuple[int, int]

    @property
    def ready(self) -> bool:
        return all(line.met for line in self.lines)


def month(held: Sequence[SeatView], first: date, by: Actor | None) -> Month:
    company, now, units = organisation.company(), seats.now(), visible_units(held)
    row = periods.one(first)
    facts = query.facts(company, row, as_of=now)
    found = query.snapshots(first) if row.version else []
    known = query.figures(first, as_of=now, known=True)
    reported = found[0].figures if found else query.figures(first, as_of=now)
    seen = rules.digest(known) if row.state == "closed" else facts.figures_now
    lines = () if row.state == "closed" else rules.checklist(facts, by)
    return Month(
        company, row, lines, totals(reported, units), totals(known, units), found, seen, facts.names,
        company.day_of(now), left_open.sums(first, units),
    )  # fmt: skip


def listing(*, before: date | None, limit: int) -> list[PeriodRow]:
    return query.listing(organisation.company().day_of(seats.now()), before=before, limit=limit)
