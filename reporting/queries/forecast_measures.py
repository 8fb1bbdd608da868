"""Measures of the forecast. All read what was said of deals in one way, and the book for the rest."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from ledger.queries import balances
from ledger.rules.postings import BOOKED
from reporting.queries import (
    booked_deals,
    booked_measures,
    forecast_answer,
    forecast_sums,
    pipeline_deals,
)
from reporting.queries.booked_deals import BookedDeal
from reporting.queries.measuring import Answer, Asked, Measure, month, summed
from reporting.rules import periods

WAYS = ("unit", "period")
_WHOLE = ("category", *WAYS)
_STAGES = ("stage", "unit", "period")


def _category(*categories: str) -> Callable[[Asked], Answer]:
    """The sum over some categories; the deals behind it are those that somebody has spoken of, what is booked, and
    what is left open in closed months."""

    def query(asked: Asked) -> Answer:
        sums = asked.once(forecast_sums.read)
        cells: dict[tuple[str, ...], int] = {}
        for (category, unit, period), value in sums.cells.items():
            if category in categories:
                cells[unit, period] = cells.get((unit, period), 0) + value
        return summed(
            cells.items(),
            WAYS,
            asked,
            position=balances.position(asked.as_of),
            version=2,
            count=partial(_count, asked, categories),
            behind=partial(_behind, asked, categories),
        )

    return query


def _count(asked: Asked, categories: tuple[str, ...]) -> int:
    said = asked.once(forecast_sums.read).deals
    booked = sum(pipeline_deals.count(scope) for scope in _left(asked, categories))
    if "booked" in categories:
        moves = asked.once(booked_measures.read).moves
        booked += booked_deals.count_deals(moves, as_of=asked.as_of, period=asked.period, units=asked.units)
    return booked + sum(said.get(category, 0) for category in categories)


def _behind(asked: Asked, categories: tuple[str, ...], before: int | None, most: int) -> list[BookedDeal]:
    found = _booked(asked, before, most) if "booked" in categories else []
    for category in categories:
        if category != "booked":
            found += forecast_sums.deals(asked, category, before, most)
    for scope in _left(asked, categories):
        found += pipeline_deals.behind(scope, before, most)
    return sorted(found, key=lambda deal: -deal.entry)[:most]


def _left(asked: Asked, categories: tuple[str, ...]) -> list[Asked]:
    """What is omitted whatever was said of it: the open deals of each closed month."""
    months = asked.once(forecast_sums.read).left if "omitted" in categories else ()
    return [replace(asked, period=periods.parse(month(first))) for first in months]


def _booked(asked: Asked, before: int | None, most: int) -> list[BookedDeal]:
    return booked_deals.behind(asked.as_of, asked.period, asked.units, BOOKED, before, most)


def _whole(asked: Asked) -> Answer:
    """The table of the forecast. Every open deal is in it, whether anybody has spoken of it or not."""
    return summed(
        asked.once(forecast_sums.read).cells.items(),
        _WHOLE,
        asked,
        position=balances.position(asked.as_of),
        version=2,
        count=lambda: _count(asked, ("booked",)) + pipeline_deals.count(asked),
        behind=partial(_behind_whole, asked),
    )


def _behind_whole(asked: Asked, before: int | None, most: int) -> list[BookedDeal]:
    found = _booked(asked, before, most) + pipeline_deals.behind(asked, before, most)
    return sorted(found, key=lambda deal: -deal.entry)[:most]


def _weighted(asked: Asked) -> Answer:
    return summed(
        asked.once(forecast_answer.weighted_cells).items(),
        _STAGES,
        asked,
        position=balances.position(asked.as_of),
        version=1,
        count=partial(pipeline_deals.count, asked),
        behind=partial(pipeline_deals.behind, asked),
    )


MEASURES = (
    Measure(
        "forecast", "Forecast, every category",
        "What is booked and the value of every open deal, each in exactly one category: booked, commit, best case,"
        " pipeline or omitted. What still expects to close in a closed month is omitted.",
        "sales", "What a period can come to, and how sure each part is.", "money", 2, _WHOLE, _whole,
    ),
    Measure(
        "commit-call", "Commit call",
        "What is booked, and the value of open deals that their owners call commit at or below the ceiling that the"
        " record allows, in months that are not closed.",
        "sales", "What to promise for the period.", "money", 2, WAYS, _category("booked", "commit"),
    ),
    Measure(
        "best-case-call", "Best-case call", "The commit call, and the value of open deals that are called best case.",
        "sales", "What is worth a push.", "money", 2, WAYS, _category("booked", "commit", "best_case"),
    ),
    Measure(
        "called-commit", "Called commit",
        "The value of open deals that are called commit, in months that are not closed.",
        "sales", "Which deals the promise hangs on.", "money", 2, WAYS, _category("commit"),
    ),
    Measure(
        "called-best-case", "Called best case",
        "The value of open deals that are called best case, in months that are not closed.",
        "sales", "Which deals could still come.", "money", 2, WAYS, _category("best_case"),
    ),
    Measure(
        "called-omitted", "Called omitted",
        "The value of open deals that their owners leave out of the forecast, and of those that still expect to close"
        " in a month that is closed.",
        "sales", "Which deals nobody counts on.", "money", 2, WAYS, _category("omitted"),
    ),
    Measure(
        "weighted-pipeline", "Weighted pipeline",
        "The value of open deals, each by the share of decided deals of its stage that were won: (wins + 20 p0) /"
        " (resolved + 20).",
        "sales", "Whether enough is on its way.", "money", 1, _STAGES, _weighted, whole_deals=True,
    ),
)  # fmt: skip
