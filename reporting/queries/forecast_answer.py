"""The forecast of a period as one answer: page, API and file show this and nothing of their own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import NamedTuple
from zoneinfo import ZoneInfo

from governance.queries import capacity
from reporting.queries import (
    forecast_accuracy,
    forecast_calls,
    forecast_sums,
    passages,
    standing_measures,
    teams,
    waits,
)
from reporting.queries.forecast_accuracy import Accuracy
from reporting.queries.forecast_calls import Call
from reporting.queries.forecast_sums import Sums
from reporting.queries.measuring import Asked
from reporting.queries.passages import Flow
from reporting.rules.forecast import accuracy, conversion
from reporting.rules.forecast.categories import Calls
from reporting.rules.forecast.waits import Wait
from reporting.rules.periods import Period
from reporting.rules.privacy import Group


class Fulfilment(NamedTuple):
    """What a unit could deliver of the expected demand of the period, in units of capacity; and the weighted value of
    the part that does not fit, in minor units."""

    unit: str
    name: str
    wanted: int
    fulfillable: int
    over: int  # at the fullest month, above the ceiling
    unfulfillable_minor: int

    @property
    def share(self) -> Decimal | None:
        return Decimal(self.fulfillable) / self.wanted if self.wanted else None


class Team(NamedTuple):
    """The accuracy of teams that are shown as one."""

    group: Group
    accuracy: Accuracy


@dataclass(frozen=True, slots=True)
class Forecast:
    """Minor units of the reporting currency. `teams` is empty where they would show a person; `accuracy` None then."""

    period: Period
    sums: Sums
    calls: Calls
    verified_commit: int
    weighted: dict[str, int]  # stage → value by its odds
    flow: Flow
    waits: tuple[Wait, ...]
    fulfilment: tuple[Fulfilment, ...]
    rolled_up: tuple[Call, ...]
    accuracy: Accuracy | None
    teams: tuple[Team, ...]

    @property
    def bias(self) -> Decimal:
        return self.accuracy.figures.bias_to_use if self.accuracy else Decimal(0)

    @property
    def supported(self) -> int:
        """The commit call, going by how such calls came; what is booked has come already."""
        return self.calls.booked + accuracy.supported(self.calls.commit, self.bias)

    @property
    def verified(self) -> int:
        return self.calls.booked + self.verified_commit

    @property
    def illusion(self) -> int:
        return accuracy.illusion(self.calls.commit_call, self.verified)


def answer(asked: Asked, period: Period) -> Forecast:
    """`asked.period` is `period`."""
    sums = asked.once(forecast_sums.read)
    zone = ZoneInfo(asked.company.timezone)
    since, until = _moment(period.first, zone), _moment(period.until, zone)
    shown = asked.once(_teams)
    return Forecast(
        period,
        sums,
        sums.calls,
        sum(one.minor for one in forecast_sums.verified(asked).values()),
        _by(asked.once(weighted_cells), 0),
        passages.flow(asked, since, until),
        tuple(waits.waits(asked, since, until)),
        _fulfilment(asked, period),
        forecast_calls.newest(asked),
        _accuracy(shown),
        shown,
    )


def bias(asked: Asked) -> Decimal:
    """By which the teams that the reader's units are shown with have said too much, or too little; 0 where no group
    of at least five is known."""
    found = _accuracy(asked.once(_teams))
    return found.figures.bias_to_use if found else Decimal(0)


def weighted_cells(asked: Asked) -> dict[tuple[str, ...], int]:
    """(stage, unit, month) → p_stage × value of what stands there."""
    odds = passages.odds(asked)
    return {
        key: conversion.weighted({key[0]: value}, odds)
        for key, value in standing_measures.pipeline_cells(asked).items()
    }


def _by(cells: dict[tuple[str, ...], int], way: int) -> dict[str, int]:
    sums: dict[str, int] = {}
    for key, value in cells.items():
        sums[key[way]] = sums.get(key[way], 0) + value
    return sums


def _teams(asked: Asked) -> tuple[Team, ...]:
    """Of the groups that touch the reader's units, when each of them has enough to show; else of none, since what is
    left beside the whole would show the rest."""
    found = [Team(group, forecast_accuracy.of_units(asked, group.names)) for group in teams.groups()]
    if any(not team.accuracy.figures.count for team in found):
        return ()
    return tuple(team for team in found if asked.units is None or set(team.group.names) & set(asked.units))


def _accuracy(shown: tuple[Team, ...]) -> Accuracy | None:
    """Of the groups that the reader's units are shown in."""
    return forecast_accuracy.together(team.accuracy for team in shown) if shown else None


def _fulfilment(asked: Asked, period: Period) -> tuple[Fulfilment, ...]:
    months = (period.until.year - period.first.year) * 12 + period.until.month - period.first.month
    with asked.reading():
        outlooks = capacity.outlook(period.first, months, asked.units)
    by_unit = _by(asked.once(weighted_cells), 1)
    found = []
    for one in outlooks:
        loads = [month.likely for month in one.months]
        wanted = sum(row.wanted for row in loads)
        fits = sum(row.fulfillable for row in loads)
        lost = by_unit.get(one.unit, 0) * (wanted - fits) // wanted if wanted else 0
        over = max((row.over for row in loads), default=0)
        found.append(Fulfilment(one.unit, one.name, wanted, fits, over, lost))
    return tuple(found)


def _moment(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone)
