"""Measures of what stands in places of a book: one way to ask for all of them, and those of the books that we keep."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from ledger.queries import balances
from ledger.rules.postings import BOOKINGS, CANCELLED, LOST
from reporting.queries import bridge, pipeline_deals, places, standing_deals
from reporting.queries.measuring import Answer, Asked, Measure, month, summed
from reporting.queries.standing_deals import Postings

_PIPELINE = "pipeline/"


def standing(asked: Asked, of: Postings, ways: Sequence[str], *, version: int | None = None) -> Answer:
    """The sum of some postings. `ways` are some of place (or stage), unit, period and cause; `version` None is that
    of the policy in force."""
    position, sums = cells(asked, of, ways)
    return summed(
        ((key, amount) for key, amount in sums.items() if amount),
        ways,
        asked,
        position=position,
        version=(asked.policy.version if asked.policy else 0) if version is None else version,
        count=partial(standing_deals.count, asked, of),
        behind=partial(standing_deals.behind, asked, of),
    )


def cells(asked: Asked, of: Postings, ways: Sequence[str]) -> tuple[int, dict[tuple[str, ...], int]]:
    """(newest entry known, where along the ways → what stands there)."""
    ask = balances.as_known if of.known else balances.balances
    found = ask(of.book, of.places, as_of=asked.as_of, since=asked.since, until=asked.until, units=asked.units)
    sums: dict[tuple[str, ...], int] = {}
    for one in found.balances:
        if (of.causes is not None and one.cause not in of.causes) or one.cause in of.but:
            continue
        told = {"place": one.place, "stage": one.place.removeprefix(_PIPELINE), "unit": one.unit,
                "period": month(one.period), "cause": one.cause}  # fmt: skip
        key = tuple(told[way] for way in ways)
        sums[key] = sums.get(key, 0) + (-one.amount if one.place in of.less else one.amount)
    return found.position, sums


def pipeline_cells(asked: Asked) -> dict[tuple[str, ...], int]:
    """(stage, unit, month) → the value of the deals that are open there."""
    return asked.once(_open)


def _open(asked: Asked) -> dict[tuple[str, ...], int]:
    return cells(asked, pipeline(), ("stage", "unit", "period"))[1]


def pipeline() -> Postings:
    """By the month in which deals are expected, whatever month is closed: it is where they stand."""
    stages = tuple(place for place in places.known(BOOKINGS) if place.startswith(_PIPELINE))
    return Postings(BOOKINGS, stages, known=True)


def _pipeline(asked: Asked) -> Answer:
    found = standing(asked, pipeline(), ("stage", "unit", "period"), version=2)
    return replace(found, count=partial(pipeline_deals.count, asked), behind=partial(pipeline_deals.behind, asked))


def _pipeline_as_posted(asked: Asked) -> Answer:
    """Version 1: by the months that deals were posted to. Its receipts carry the version of the policy of their day."""
    of = replace(pipeline(), known=False)
    return standing(asked, of, ("stage", "unit", "period"))


def _lost(asked: Asked) -> Answer:
    return standing(asked, Postings(BOOKINGS, (LOST, CANCELLED)), ("place", "unit", "period"))


MEASURES = (
    Measure(
        "pipeline", "Open pipeline",
        "The value of deals that are neither won nor lost, in the stage and the month of expected close that they have"
        " at the moment.",
        "sales", "Where to help, and what the next periods can still become.", "money", 2,
        ("stage", "unit", "period"), _pipeline, moved=bridge.between, months="true", earlier=_pipeline_as_posted,
    ),
    Measure(
        "lost", "Lost", "The value of deals that were lost or cancelled, in the month in which they were expected.",
        "sales", "Which reasons for losing to work on.", "money", None, ("place", "unit", "period"), _lost,
    ),
)  # fmt: skip
