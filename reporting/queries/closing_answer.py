"""A month as somebody may see it: its state for everybody, figures of the units that their seats cover."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from ledger.queries import periods
from ledger.queries.periods import PeriodRow
from ledger.rules.actor import Actor
from ledger.rules.problems import not_found
from pipeline.queries import left_open, organisation, seats
from pipeline.queries.organisation import Company
from pipeline.rules.seats import SeatView, visible_units
from reporting.queries import closing as query
from reporting.queries import counted_deals
from reporting.queries.booked_deals import BookedDeal
from reporting.queries.closing import Snapshot
from reporting.queries.counted_deals import Counted
from reporting.rules import closing as rules
from reporting.rules.closing import Line
from reporting.rules.figures import MEASURES, parts, totals

READINGS = ("reported", "known", "difference")


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


def deals(
    held: Sequence[SeatView], first: date, figure: str, reading: str, before: int | None, most: int
) -> list[BookedDeal]:
    """The deals behind a figure of a month, in the units of these seats, newest entry first: as it was `reported` (or
    stands, while the month is open), as it is `known` now, or the `difference`. Raises Problem for another figure."""
    if figure not in MEASURES or reading not in READINGS:
        raise not_found(f"Figure {figure[:40]}")
    now, end = seats.now(), rules.end_of(first)
    taken = query.snapshots(first)[:1] if periods.one(first).version else []
    reported = (taken[0].at, taken[0].version > 1) if taken else (now, False)
    known = (1, now, True)
    readings = {"reported": [(1, *reported)], "known": [known], "difference": [known, (-1, *reported)]}
    counted = [
        Counted(part.book, part.place, sign * part.sign, part.since, part.until, at, known)
        for sign, at, known in readings[reading]
        for part in parts(figure, first, end)
    ]
    return counted_deals.behind(counted, visible_units(held), before, most)


def listing(*, before: date | None, limit: int) -> list[PeriodRow]:
    return query.listing(organisation.company().day_of(seats.now()), before=before, limit=limit)
