"""Fiscal months, quarters and years by name: `2026-11`, `2026-Q4`, `2026`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from ledger.rules.problems import Fault, bad_input

_NAME = re.compile(r"(\d{4})(?:-(?:(\d{2})|Q([1-4])))?\Z")


@dataclass(frozen=True, slots=True)
class Period:
    """Months from `first` until before `until`, both the first of a month."""

    name: str
    first: date
    until: date


def parse(name: str, fiscal_start_month: int = 1) -> Period:
    """Raises Problem for what is no period. A fiscal year is named after the calendar year that it begins in."""
    match = _NAME.match(name)
    if match is None or not 1900 <= int(match[1]) <= 9000 or (match[2] and not 1 <= int(match[2]) <= 12):
        raise bad_input([Fault("/period", "PERIOD-1", f"“{name}” is no period. Write 2026-11, 2026-Q4 or 2026.")])
    year = int(match[1])
    if match[2]:
        return _period(name, year, int(match[2]), 1)
    if match[3]:
        return _period(name, year, fiscal_start_month + 3 * (int(match[3]) - 1), 3)
    return _period(name, year, fiscal_start_month, 12)


def quarter_of(day: date, fiscal_start_month: int = 1) -> Period:
    """The fiscal quarter that a day lies in."""
    months = (day.year * 12 + day.month - 1) - (fiscal_start_month - 1)
    return parse(f"{months // 12}-Q{months % 12 // 3 + 1}", fiscal_start_month)


def beside(period: Period, steps: int) -> Period:
    """The period of the same length `steps` further, without a name."""
    length = _months(period.until) - _months(period.first)
    start = _months(period.first) + steps * length
    return Period("", _day(start), _day(start + length))


def _period(name: str, year: int, month: int, length: int) -> Period:
    start = year * 12 + month - 1
    return Period(name, _day(start), _day(start + length))


def _months(day: date) -> int:
    return day.year * 12 + day.month - 1


def _day(months: int) -> date:
    return date(months // 12, months % 12 + 1, 1)
