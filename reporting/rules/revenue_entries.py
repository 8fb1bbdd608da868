"""What entries of revenue say, read back from their bodies."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from pipeline.rules.schedule import Cause, Point, Terms
from reporting.rules.revenue import Owner, Plan, State


def terms_of(body: Mapping[str, Any]) -> Terms:
    said = body["terms"]
    points = tuple(Point(_day(one["on"]), Decimal(one["share"]), one["key"]) for one in said["points"])
    return Terms(said["amount_minor"], _day(said["start_on"]), said["days"], said["mode"], points)


def owner_of(body: Mapping[str, Any]) -> Owner:
    return Owner(body["unit"], body["owner"])


def state_of(body: Mapping[str, Any]) -> State:
    state: State = body["state"]
    return state


def causes_of(body: Mapping[str, Any]) -> tuple[Cause, ...]:
    return tuple(
        Cause(
            one["key"], _day(one["due_on"]), _day(one["expected_on"]), one["float_days"], one["blocks"], one["estimate"]
        )
        for one in body["causes"]
    )


def through_of(body: Mapping[str, Any]) -> date | None:
    return day_of(body, "through")


def day_of(body: Mapping[str, Any], name: str) -> date | None:
    return None if body.get(name) is None else _day(body[name])


def plan_of(agreed: Mapping[str, Any], body: Mapping[str, Any]) -> Plan:
    """What an entry said, beside the one that said what was agreed."""
    return Plan(terms_of(agreed), causes_of(body), state_of(body), owner_of(agreed), through_of(body))


def _day(said: Any) -> date:
    return said if isinstance(said, date) else date.fromisoformat(said)
