"""Units, functions, seats and rates. Who may do what is decided by seats, so every seat is an entry."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from django.db import connection

from ledger.commands.append import Draft, append, lock
from ledger.rules.actor import Actor
from ledger.rules.money import check_currency
from ledger.rules.problems import Fault, bad_input, not_found
from ledger.transactions import command
from pipeline.models import BusinessFunction, Unit
from pipeline.queries import calendars

ROLES = ("rep", "manager", "lead", "executive", "steward", "auditor", "admin")


@command
def open_unit(key: str, name: str, *, by: Actor, timezone: str = "UTC", capacity_base: int = 0) -> Unit:
    """A business unit with its own capacity and calendar; writes `unit.opened`. The same key again changes nothing."""
    unit, fresh = Unit.objects.get_or_create(
        key=key, defaults={"name": name, "timezone": timezone, "capacity_base": capacity_base}
    )
    if fresh:
        body = {"unit": key, "name": name, "timezone": timezone, "capacity_base": capacity_base}
        append(lock(f"unit/{key}"), Draft("unit.opened", body), by=by)
    return unit


@command
def open_function(key: str, name: str, *, by: Actor) -> BusinessFunction:
    """A function that owns obligations; writes `function.opened`."""
    function, fresh = BusinessFunction.objects.get_or_create(key=key, defaults={"name": name})
    if fresh:
        append(lock(f"function/{key}"), Draft("function.opened", {"function": key, "name": name}), by=by)
    return function


@command
def fill_seat(
    person: int,
    function: str,
    unit: str | None,
    role: str,
    *,
    by: Actor,
    reports_to: int | None = None,
    since: datetime | None = None,
) -> int:
    """Gives a person a seat and returns its id; writes `seat.filled`. `unit` None: in every unit."""
    faults = []
    if role not in ROLES:
        faults.append(Fault("/role", "SEAT-1", f"“{role}” is no role. Choose one of: {', '.join(ROLES)}."))
    if not BusinessFunction.objects.filter(key=function).exists():
        faults.append(Fault("/function", "SEAT-2", f"There is no function “{function}”. Open it first."))
    if unit is not None and not Unit.objects.filter(key=unit).exists():
        faults.append(Fault("/unit", "SEAT-3", f"There is no unit “{unit}”. Open it first."))
    if faults:
        raise bad_input(faults)
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('pipeline_seat_number')")
        number: int = cursor.fetchone()[0]
    body = {"person": person, "function": function, "unit": unit, "role": role, "reports_to": reports_to}
    append(lock(f"seat/{number}"), Draft("seat.filled", body, effective=since), by=by)
    return number


@command
def end_seat(number: int, *, by: Actor, at: datetime | None = None) -> None:
    """Ends a seat; what was done from it stays with it. Writes `seat.ended`."""
    append(lock(f"seat/{number}"), Draft("seat.ended", {}, effective=at), by=by)


@command
def declare_holiday(unit: str, day: date, name: str, *, by: Actor) -> None:
    """A day on which a unit does not work; writes `holiday.declared`. The same day again changes its name."""
    append(lock(_unit_stream(unit, name)), Draft("holiday.declared", {"day": day, "name": name.strip()}), by=by)


@command
def withdraw_holiday(unit: str, day: date, *, by: Actor) -> None:
    """The day is worked after all; writes `holiday.withdrawn`."""
    if day not in calendars.of_unit(unit).holidays:
        raise not_found(f"Holiday {day.isoformat()} of {unit}")
    append(lock(f"unit/{unit}"), Draft("holiday.withdrawn", {"day": day}), by=by)


def _unit_stream(unit: str, name: str) -> str:
    if not Unit.objects.filter(key=unit).exists():
        raise not_found(f"Unit {unit[:40]}")
    if not 1 <= len(name.strip()) <= 100:
        raise bad_input([Fault("/name", "HOLIDAY-1", "Name the holiday, in 1 to 100 characters.")])
    return f"unit/{unit}"


@command
def publish_rate(currency: str, day: date, rate: Decimal, *, by: Actor) -> None:
    """Units of the reporting currency for one unit of `currency` from `day` on; writes `rate.published`."""
    check_rate(currency, rate)
    body = {"currency": currency, "day": day, "rate": format(rate, "f")}
    append(lock(f"rate/{currency}"), Draft("rate.published", body), by=by)


def check_rate(currency: str, rate: Decimal) -> None:
    """Raises Problem for what is no currency or no rate."""
    faults = [fault for fault in [check_currency(currency)] if fault]
    if not rate.is_finite() or not Decimal("0.00000001") <= rate <= Decimal(10**8):
        faults.append(Fault("/rate", "RATE-1", f"{rate} is no exchange rate. Write a number above zero, such as 1.10."))
    if faults:
        raise bad_input(faults)
