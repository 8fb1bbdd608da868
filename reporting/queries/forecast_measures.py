"""Measures of the forecast. All read what was said of deals in one way, and the book for the rest."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from functools import partial
from itertools import accumulate

from ledger.queries import balances
from reporting.queries import (
    booked_deals,
    booked_measures,
    forecast_answer,
    forecast_deals,
    forecast_sums,
    passages,
    pipeline_deals,
    standing_measures,
)
from reporting.queries.booked_deals import BookedDeal
from reporting.queries.forecast_deals import Upto
from reporting.queries.measuring import Answer, Asked, Behind, Cell, Measure, month, summed
from reporting.rules import periods
from reporting.rules.forecast import accuracy, shares

WAYS = ("unit", "period")
_WHOLE = ("category", *WAYS)
_STAGES = ("stage", "unit", "period")


def _category(*categories: str) -> Callable[[Asked], Answer]:
    """The sum over some categories; the deals behind it are those that somebody has spoken of, what is booked, and
    what is left open in closed months."""

    def query(asked: Asked) -> Answer:
        behind = partial(_behind, asked, categories)
        return _summed(asked, _cells(asked, categories), lambda: _count(asked, categories), behind, version=2)

    return query


def _rest(*categories: str) -> Callable[[Asked], Answer]:
    """The same with the category pipeline, in which every open deal stands of which nothing else is said."""
    spoken = [category for category in ("commit", "best_case", "omitted") if category not in categories]

    def query(asked: Asked) -> Answer:
        def count() -> int:
            found = pipeline_deals.count(asked) - _count(asked, tuple(spoken))
            return found + (_count(asked, ("booked",)) if "booked" in categories else 0)

        def behind(before: int | None, most: int) -> list[BookedDeal]:
            rest = forecast_deals.not_called(asked, spoken, before, most)
            return _newest(booked_measures.behind(asked, before, most) if "booked" in categories else [], rest, most)

        return _summed(asked, _cells(asked, (*categories, "pipeline")), count, behind)

    return query


def _summed(
    asked: Asked, cells: Iterable[Cell], count: Callable[[], int], behind: Behind, *, version: int = 1
) -> Answer:
    position = balances.position(asked.as_of)
    return summed(cells, WAYS, asked, position=position, version=version, count=count, behind=behind)


def _cells(asked: Asked, categories: Collection[str]) -> list[Cell]:
    found = asked.once(forecast_sums.read).cells.items()
    return sorted(
        _together(((unit, period), value) for (category, unit, period), value in found if category in categories)
    )


def _count(asked: Asked, categories: tuple[str, ...]) -> int:
    said = asked.once(forecast_sums.read).deals
    booked = sum(pipeline_deals.count(scope) for scope in _left(asked, categories))
    if "booked" in categories:
        moves = asked.once(booked_measures.read).moves
        booked += booked_deals.count_deals(moves, as_of=asked.as_of, period=asked.period, units=asked.units)
    return booked + sum(said.get(category, 0) for category in categories)


def _behind(asked: Asked, categories: tuple[str, ...], before: int | None, most: int) -> list[BookedDeal]:
    found = booked_measures.behind(asked, before, most) if "booked" in categories else []
    for category in categories:
        if category != "booked":
            found += forecast_deals.called(asked, category, before, most)
    for scope in _left(asked, categories):
        found += pipeline_deals.behind(scope, before, most)
    return _newest(found, [], most)


def _newest(some: list[BookedDeal], more: list[BookedDeal], most: int) -> list[BookedDeal]:
    return sorted(some + more, key=lambda deal: -deal.entry)[:most]


def _left(asked: Asked, categories: tuple[str, ...]) -> list[Asked]:
    """What is omitted whatever was said of it: the open deals of each closed month."""
    months = asked.once(forecast_sums.read).left if "omitted" in categories else ()
    return [replace(asked, period=periods.parse(month(first))) for first in months]


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
    return _newest(booked_measures.behind(asked, before, most), pipeline_deals.behind(asked, before, most), most)


def _supported(asked: Asked) -> Answer:
    """What is booked has come already; of the commits a share, which their units, months and deals divide."""
    share = accuracy.worth(forecast_answer.bias(asked))
    commits = _cells(asked, ("commit",))
    parts = shares.divided([value for _key, value in commits], share)
    cells = [*_cells(asked, ("booked",)), *((key, part) for (key, _value), part in zip(commits, parts, strict=True))]

    def behind(before: int | None, most: int) -> list[BookedDeal]:
        uptos = accumulate(value for _key, value in commits)
        groups = [
            Upto("", unit, of_month, upto, share)
            for ((unit, of_month), _value), upto in zip(commits, uptos, strict=True)
        ]
        return _newest(
            booked_measures.behind(asked, before, most), forecast_deals.worth(asked, groups, before, most), most
        )

    return _summed(asked, _together(cells), lambda: _count(asked, ("booked", "commit")), behind)


def _verified(asked: Asked) -> Answer:
    found = forecast_sums.verified(asked)
    cells = [*_cells(asked, ("booked",)), *((key, one.minor) for key, one in found.items())]

    def count() -> int:
        return _count(asked, ("booked",)) + sum(one.deals for one in found.values())

    def behind(before: int | None, most: int) -> list[BookedDeal]:
        return _newest(booked_measures.behind(asked, before, most), forecast_deals.verified(asked, before, most), most)

    return _summed(asked, _together(cells), count, behind)


def _illusion(asked: Asked) -> Answer:
    found = forecast_sums.verified(asked)
    cells = [*_cells(asked, ("commit",)), *((key, -one.minor) for key, one in found.items())]
    behind = partial(forecast_deals.unverified, asked)
    return _summed(asked, _together(cells), lambda: sum(one.short for one in found.values()), behind)


def _together(cells: Iterable[Cell]) -> list[Cell]:
    sums: dict[tuple[str, ...], int] = {}
    for key, value in cells:
        sums[key] = sums.get(key, 0) + value
    return list(sums.items())


def _weighted(asked: Asked) -> Answer:
    odds = {stage: shares.of(share) for stage, share in passages.odds(asked).items()}
    cells = asked.once(forecast_answer.weighted_cells)
    groups = [
        Upto(f"pipeline/{stage}", unit, of_month, value, odds.get(stage, shares.NOTHING))
        for (stage, unit, of_month), value in standing_measures.pipeline_cells(asked).items()
    ]
    return summed(
        ((key, value) for key, value in cells.items() if asked.stage in ("", key[0])),
        _STAGES,
        asked,
        position=balances.position(asked.as_of),
        version=1,
        count=partial(forecast_deals.standing if asked.stage else pipeline_deals.count, asked),
        behind=partial(forecast_deals.weighed, asked, groups),
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
        "called-pipeline", "Called pipeline",
        "The value of open deals that nobody calls surer than pipeline, or leaves out, in months that are not closed.",
        "sales", "Which deals nobody has looked at closely.", "money", 1, WAYS, _rest(),
    ),
    Measure(
        "forecast-total", "Forecast in total",
        "The best-case call, and the value of open deals that are called no surer than pipeline. What is omitted is not"
        " in it.",
        "sales", "What a period could come to at the most.", "money", 1, WAYS, _rest("booked", "commit", "best_case"),
    ),
    Measure(
        "supported-forecast", "Supported forecast",
        "What is booked, and called commit divided by 1 + bias: what such calls came to before, of the teams that are"
        " shown together.",
        "sales", "How much of the call to believe.", "money", 1, WAYS, _supported,
    ),
    Measure(
        "verified-forecast", "Verified forecast",
        "What is booked, and of each deal that is called commit the share of its booking milestones that are verified"
        " and valid.",
        "operations", "How much of the call rests on proven facts.", "money", 1, WAYS, _verified,
    ),
    Measure(
        "illusion-gap", "Illusion gap",
        "The value of open deals that are called commit, less the share of each that verified booking milestones"
        " support.",
        "operations", "What to prove before it is promised.", "money", 1, WAYS, _illusion,
    ),
    Measure(
        "weighted-pipeline", "Weighted pipeline",
        "The value of open deals, each by the share of decided deals of its stage that were won: (wins + 20 p0) /"
        " (resolved + 20).",
        "sales", "Whether enough is on its way.", "money", 1, _STAGES, _weighted, by_stage=True,
    ),
)  # fmt: skip
