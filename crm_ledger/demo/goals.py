"""What people of the demo set out to do and say they expect: plans, an objective, forecasts, a touchpoint."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from functools import partial
from random import Random

from crm_ledger.demo import state
from crm_ledger.demo.company import Cast
from governance.commands import touchpoints
from governance.commands.targets import setting
from ledger.rules.actor import Actor
from ledger.rules.problems import Problem
from pipeline.models import Deal
from reporting.commands import forecasts, goals
from reporting.queries import progress
from reporting.rules import periods
from reporting.rules.periods import Period

Event = tuple[datetime, Callable[[], object]]

# What finance plans to book: the first quarter, and how much more each quarter.
_PLAN, _MORE = 900_000, 60_000
# Stage entered → what an owner says: category, how likely.
_SAID = {"solution": ("best_case", 0.45), "commit": ("best_case", 0.75)}
_DEFECT = "The gripper of the first cell drops cartons at full speed; a new one is on its way."


def events(begins: datetime, base: datetime, cast: Cast) -> Iterator[Event]:
    """A plan at the start of each quarter, the objective of this one, and what happened lately."""
    quarter, number = periods.quarter_of(begins.date()), 0
    while quarter.first <= base.date():
        moment = max(datetime.combine(quarter.first, time(8, 30), UTC), begins + timedelta(minutes=5))
        if moment < base:
            yield moment, partial(_plan, quarter, number, cast)
        quarter, number = periods.quarter_of(quarter.until), number + 1
    this = periods.quarter_of(base.date())
    moment = max(datetime.combine(this.first, time(9, 30), UTC), begins + timedelta(minutes=10))
    yield min(moment, base - timedelta(minutes=1)), partial(_objective, this, cast)
    yield base - timedelta(hours=20), partial(_defect, cast)


def endanger(cast: Cast) -> None:
    """The deal that waits bears on the key result of its region."""
    waiting = Deal.objects.filter(title=state.WAITING).order_by("id").values_list("id", flat=True).first()
    if waiting is not None and cast.key_result:
        goals.link(cast.key_result, waiting, "", Decimal(418_000), by=cast.by("cro"))


def expect(deal: int, stage: str, title: str, *, by: Actor) -> None:
    """What the owner says of a deal on entering a stage; at most what the record supports."""
    if stage not in _SAID:
        return
    category, likely = _SAID[stage]
    mood = Random(f"{title}/{stage}").randint(-3, 3)  # noqa: S311  the same story on every machine
    probability = Decimal(str(likely)) + Decimal(mood) / 20
    try:
        forecasts.submit(deal, category, probability, by=by)
    except Problem:
        forecasts.submit(deal, "pipeline", probability, by=by)


def _plan(quarter: Period, number: int, cast: Cast) -> None:
    goals.set_target("plan", "booked", Decimal(_PLAN + number * _MORE), by=cast.by("cfo"), period=quarter.name)


def _objective(quarter: Period, cast: Cast) -> None:
    by = cast.by("cro")
    number = setting.set_objective(
        "Book in the East only what operations can deliver", progress.span(quarter.name, "east"), by=by
    )
    cast.key_result = goals.set_target("key_result", "booked", Decimal(800_000), by=by, objective=number)


def _defect(cast: Cast) -> None:
    account, _buyer = cast.accounts["juniper"]
    touchpoints.log(account, "defect", _DEFECT, by=cast.by("ops.east"))
