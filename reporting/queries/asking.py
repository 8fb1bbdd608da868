"""Asks a measure: for a person, who sees some units; again, from a receipt; and what a receipt says of the answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ledger.queries import moment
from ledger.rules.postings import BOOKINGS
from ledger.rules.problems import Fault, bad_input, not_found
from pipeline.queries import organisation, seats
from pipeline.queries.organisation import Company
from pipeline.rules.seats import SeatView, visible_units
from reporting.queries import integrity_measures, places, receipts
from reporting.queries.measures import MEASURES
from reporting.queries.measuring import Answer, Asked, Measure
from reporting.rules import periods
from reporting.rules.periods import Period
from reporting.rules.receipt import Claim
from reporting.rules.table import Table

EVER = "all"


@dataclass(frozen=True, slots=True)
class Told:
    """A measure with what it was asked and what it answered."""

    measure: Measure
    asked: Asked
    answer: Answer

    @property
    def text(self) -> str | None:
        return self.measure.said(self.answer.value, self.asked.company)

    def claim(self, *, rows: bool = False) -> Claim:
        """What a receipt of this number says; with `rows`, also of the table that goes with it."""
        company, answer = self.asked.company, self.answer
        return receipts.claim(
            self.measure.name,
            scope=scope(self.asked.period, self.asked.units),
            as_of=self.asked.as_of,
            currency=company.currency,
            value=self.text or "",
            deals=answer.count(),
            definition_version=answer.definition_version,
            ledger_position=answer.position,
            integrity=integrity_measures.beside(self.measure.name, self.asked),
            rows=answer.table.described() if rows else None,
        )


def scope(period: Period | None, units: Sequence[str] | None) -> dict[str, Any]:
    """What a number is over, as a receipt says it; null is all of them."""
    return {"period": period.name if period else None, "units": None if units is None else sorted(units)}


def named(name: str) -> Measure:
    found = MEASURES.get(name)
    if found is None:
        raise not_found(f"Measure {name[:40]}")
    return found


def tell(name: str, asked: Asked) -> Told:
    """Raises Problem for a way that the measure does not have, and for a period where it has none."""
    measure = named(name)
    if asked.period is not None and not measure.by_period:
        raise bad_input([Fault("/period", "MEASURE-2", f"“{measure.title}” is of a moment and has no period.")])
    if asked.function and not measure.by_function:
        raise bad_input([Fault("/function", "MEASURE-3", f"“{measure.title}” is not split by function.")])
    if asked.stage and not measure.by_stage:
        raise bad_input([Fault("/stage", "MEASURE-5", f"“{measure.title}” is not split by stage.")])
    strange = [way for way in asked.by if way not in measure.ways]
    if strange:
        say = f"“{strange[0][:40]}” is no way to group “{measure.title}”. Write some of: {', '.join(measure.ways)}."
        raise bad_input([Fault("/by", "MEASURE-1", say)])
    return Told(measure, asked, measure.query(asked))


def asked(
    held: Sequence[SeatView],
    *,
    period: str = "",
    unit: str = "",
    by: Sequence[str] = (),
    function: str = "",
    stage: str = "",
    company: Company | None = None,
) -> Asked:
    """The question of somebody with these seats, at the moment that is being read. All periods: `all`, as on pages."""
    company, units = company or organisation.company(), visible_units(held)
    if unit and ((units is not None and unit not in units) or not organisation.has_unit(unit)):
        raise not_found(f"Unit {unit[:40]}")
    if function and not organisation.has_function(function):
        raise not_found(f"Function {function[:40]}")
    check_stage(stage)
    within = periods.parse(period, company.fiscal_start_month) if period not in ("", EVER) else None
    return Asked(
        company,
        seats.now(),
        within,
        (unit,) if unit else units,
        tuple(by),
        past=moment.past() is not None,
        function=function,
        stage=stage,
    )


def check_stage(stage: str) -> None:
    """Raises Problem for one in which no deal has ever stood."""
    if stage and f"pipeline/{stage}" not in places.known(BOOKINGS):
        raise not_found(f"Stage {stage[:40]}")


def again(name: str, said: Mapping[str, Any], as_of: datetime, *, past: bool = True) -> tuple[str, Table]:
    """(value, table) over the scope of a receipt, as known at a moment; `past` False: at present."""
    company = organisation.company()
    period = periods.parse(said["period"], company.fiscal_start_month) if said["period"] else None
    units = None if said["units"] is None else tuple(said["units"])
    told = tell(name, Asked(company, as_of, period, units, past=past))
    return told.text or "", told.answer.table
