"""When each step of a deal happens: spread over its life, on working days, in office hours."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from random import Random

from crm_ledger.demo.data import Plan

# How long a step takes compared with the others, before it happens.
_LONG = {"go": 10.0, "slip": 5.0, "pull": 4.0, "lose": 8.0, "back": 6.0, "reopen": 9.0, "try": 2.0, "amount": 4.0}
_SHORT = {"scope": 0.4, "attest": 0.5, ">": 0.5, "!": 0.8, "-": 0.8, "~": 12.0}
_BREATH = timedelta(minutes=7)
_OPENS, _HOURS = 8, 9.0


def moments(plan: Plan, base: datetime, rng: Random) -> list[tuple[datetime, str]]:
    """(moment, step) of a script, in order, all before `base`."""
    words = [word.partition("@")[0] for word in plan.script]
    found: list[tuple[datetime, str]] = []
    for word, days in zip(words, _days_ago(plan), strict=True):
        moment = at_work(base - timedelta(days=days), rng)
        if found:
            moment = max(moment, found[-1][0] + _BREATH)
        found.append((moment, word))
    return found


def at_work(moment: datetime, rng: Random) -> datetime:
    """Office hours of that day, or of the Friday before a weekend."""
    day = moment - timedelta(days=max(0, moment.weekday() - 4))
    return day.replace(hour=_OPENS, minute=0, second=0, microsecond=0) + timedelta(hours=rng.random() * _HOURS)


def _days_ago(plan: Plan) -> list[float]:
    """Pinned steps stand where they are pinned; the others lie between them by weight."""
    words = plan.script
    pins: dict[int, float] = {0: plan.opened}
    for at, word in enumerate(words):
        if "@" in word:
            pins[at] = float(word.partition("@")[2])
    pins.setdefault(len(words) - 1, plan.ended)
    places = sorted(pins)
    days = [plan.opened]
    for first, last in pairwise(places):
        days += _between(pins[first], pins[last], [_weight(word) for word in words[first + 1 : last + 1]])
    return days


def _between(start: float, end: float, weights: Sequence[float]) -> list[float]:
    total, gone, days = sum(weights), 0.0, []
    for weight in weights:
        gone += weight
        days.append(start + (end - start) * gone / total)
    return days


def _weight(word: str) -> float:
    word = word.partition("@")[0]
    return _LONG.get(word.partition(":")[0]) or _SHORT.get(word.partition(":")[0]) or _SHORT[word[-1]]
