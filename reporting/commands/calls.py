"""The sales manager of a unit says what the roll-up comes to by their own judgement, week by week."""

from __future__ import annotations

from typing import Any

from ledger.commands.append import Draft, append, lock
from ledger.rules.actor import Actor
from ledger.rules.problems import bad_input, forbidden, not_found
from ledger.transactions import command
from pipeline import permissions
from pipeline.queries import organisation, seats
from reporting.queries import forecast_sums
from reporting.queries.measuring import Asked
from reporting.rules.forecast import months
from reporting.rules.periods import Period


@command
def make(unit: str, period: Period, commit_minor: int, best_case_minor: int, because: str, *, by: Actor) -> int:
    """Writes `call.made` with what rolled up beside what the manager makes of it; answers with the entry.

    Amounts are minor units of the reporting currency, of the calls, what is booked included. `period` is one month.
    """
    held = seats.of_person(by.person)
    if not organisation.has_unit(unit) or not permissions.can_see_unit(held, unit):
        raise not_found(f"Unit {unit[:40]}")
    seat = months.judges(held, unit)
    if seat is None:
        raise forbidden("The roll-up of a unit is judged by its sales manager. [FORECAST-ACT-2]")
    faults = months.call_faults(commit_minor, best_case_minor, because)
    if faults:
        raise bad_input(faults)
    company, chain = organisation.company(), lock(months.stream_of(period.first))
    now = chain.next_moment()
    rolled = forecast_sums.calls(Asked(company, now, period, (unit,)))
    body: dict[str, Any] = {
        "unit": unit,
        "seat": seat.id,
        "week": months.week_of(now, company.timezone),
        "commit_minor": commit_minor,
        "best_case_minor": best_case_minor,
        "rolled_up": {
            "booked": rolled.booked, "commit": rolled.commit, "best_case": rolled.best_case,
            "pipeline": rolled.pipeline, "omitted": rolled.omitted,
        },
    }  # fmt: skip
    (entry,) = append(chain, Draft("call.made", body, private={"because": because.strip()}), by=by)
    return entry.id
