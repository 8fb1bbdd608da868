"""How much of what was promised was delivered, by months that have ended. It reads what the variance reads."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal
from functools import partial

from reporting.queries import standing_deals, variance_measures
from reporting.queries.measuring import Answer, Asked, Measure, Row, month, tabled
from reporting.queries.standing_deals import Postings
from reporting.rules.revenue import BOOK, RECOGNISED

WAYS = ("unit", "period")
_OF = Postings(BOOK, (RECOGNISED,))
Pair = list[int]  # promised, delivered


def _fulfilment(asked: Asked) -> Answer:
    """It does not add up, so each group is a share by itself."""
    position, lines = asked.once(variance_measures.read)
    running = asked.company.day_of(asked.as_of).replace(day=1)
    pairs: dict[tuple[str, ...], Pair] = {}
    for line in lines:
        if line.period < running:
            _add(pairs, (line.unit, month(line.period)), [line.baseline, line.expected])
    chosen = [WAYS.index(way) for way in asked.by]
    groups: dict[tuple[str, ...], Pair] = {}
    for key, pair in pairs.items():
        _add(groups, tuple(key[place] for place in chosen), pair)
    whole = [sum(pair[place] for pair in pairs.values()) for place in (0, 1)]
    rows = tuple(Row(key, _share(pair)) for key, pair in sorted(groups.items())) if chosen else ()
    table = tabled(((key, _share(pair)) for key, pair in sorted(pairs.items())), WAYS, "share", asked.company)
    count, behind = partial(standing_deals.count, asked, _OF), partial(standing_deals.behind, asked, _OF)
    return Answer(_share(whole), rows, position, 1, table, count, behind)


def _add(pairs: dict[tuple[str, ...], Pair], key: tuple[str, ...], pair: Pair) -> None:
    held = pairs.setdefault(key, [0, 0])
    held[0], held[1] = held[0] + pair[0], held[1] + pair[1]


def _share(pair: Pair) -> Decimal | None:
    """Of 1, to four places; None where nothing was promised."""
    promised, delivered = pair
    if promised <= 0:
        return None
    return (Decimal(delivered) / promised).quantize(Decimal("0.0001"), ROUND_HALF_EVEN)


MEASURES = (
    Measure(
        "fulfilment", "Fulfilment rate",
        "What was delivered in the months that have ended, as a share of what was promised for them when the deals were"
        " booked: above 100 % where delivery catches up, and what was cancelled counts as promised.",
        "operations", "Whether what is booked will also be kept, and how much of a promise to believe.", "share", 1,
        WAYS, _fulfilment,
    ),
)  # fmt: skip
