"""Asks a measure: for a person, who sees some units; again, from a receipt; and what a receipt says of the answer."""

from __future__ import annotations

from collections.abc import Sequence
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
            scope=scope(self.asked.period, self.asked.units, self.measure.months),
            as_of=self.asked.as_of,
            currency=company.currency,
            value=self.text or "",
            deals=answer.count(),
            definition_version=answer.definition_version,
            ledger_position=answer.position,
            integrity=integrity_measures.beside(self.measure.name, self.asked),
            rows=answer.table.described() if rows else None,
        )


def scope(period: Period | None, units: Sequence[str] | None, months: str = "") -> dict[str, Any]:
    """What a number is over, as a receipt says it; null is all of them."""
    said = {"period": period.name if period else None, "units": None if units is None else sorted(units)}
    return said | ({"months": months} if months else {})


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


def redefined(claim: Claim) -> bool:
    """Whether the definition of a measure has changed since a receipt of it was signed."""
    measure = named(claim.measure)
    version = measure.version not in (None, claim.definition_version)
    return version or measure.months != claim.scope.get("months", "")


def again(claim: Claim, as_of: datetime) -> tuple[str, Table] | None:
    """(value, table) over the scope of a receipt, as known at a moment, by the definition that it was signed under;
    None where that one is not kept."""
    if not redefined(claim):
        return today(claim, as_of, past=True)
    earlier = named(claim.measure).earlier
    if earlier is None:
        return None
    answer = earlier(_of(claim, as_of, past=True))
    return named(claim.measure).said(answer.value, organisation.company()) or "", answer.table


def today(claim: Claim, as_of: datetime, *, past: bool = False) -> tuple[str, Table]:
    """The same by the definition of today."""
    told = tell(claim.measure, _of(claim, as_of, past=past))
    return told.text or "", told.answer.table


def _of(claim: Claim, as_of: datetime, *, past: bool) -> Asked:
    company, said = organisation.company(), claim.scope
    period = periods.parse(said["period"], company.fiscal_start_month) if said["period"] else None
    units = None if said["units"] is None else tuple(said["units"])
    return Asked(company, as_of, period, units, past=past)
