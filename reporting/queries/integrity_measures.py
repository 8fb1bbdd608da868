"""How far a total rests on proven facts: a measure of its own, and the score that stands beside every other."""

from __future__ import annotations

from ledger.rules.postings import BOOKED, BOOKED_UNDER_WAIVER, UNVERIFIED
from reporting.queries import booked_measures, integrity, standing_measures
from reporting.queries.integrity import Part, Score
from reporting.queries.measuring import Answer, Asked, Measure, Row, month, tabled

PIPELINE = "pipeline"
# What a total stands on; every other amount of money is of deals that are booked.
_OTHERWISE = {BOOKED_UNDER_WAIVER: (BOOKED_UNDER_WAIVER,), UNVERIFIED: (UNVERIFIED,)}
_WAYS = ("unit", "period")
_NOTHING = ("lost",)  # nobody rests on what is gone


def places(total: str) -> tuple[str, ...]:
    """The places of the book whose deals stand behind a total."""
    return standing_measures.pipeline().places if total == PIPELINE else _OTHERWISE.get(total, (BOOKED,))


def beside(name: str, asked: Asked) -> int | None:
    """The score beside a measure, over the same scope and at the same moment; None where it has none."""
    return None if name in _NOTHING else _score(asked, places(name)).score


def _score(asked: Asked, where: tuple[str, ...]) -> Score:
    return integrity.score(as_of=asked.as_of, period=asked.period, units=asked.units, places=where)


def _integrity(asked: Asked) -> Answer:
    """It does not add up, so each group is weighed by itself."""
    found, booked = _score(asked, (BOOKED,)), booked_measures.MEASURES[0].query(asked)
    cells = [((part.unit, month(part.period)), part) for part in found.parts if part.value]
    places = [_WAYS.index(way) for way in asked.by]
    groups: dict[tuple[str, ...], list[Part]] = {}
    for key, part in cells if places else ():
        groups.setdefault(tuple(key[place] for place in places), []).append(part)
    rows = tuple(Row(key, integrity.scored(parts)) for key, parts in sorted(groups.items()))
    table = tabled(((key, integrity.scored([part])) for key, part in cells), _WAYS, "count", asked.company)
    return Answer(found.score, rows, booked.position, 1, table, booked.count, booked.behind)


MEASURES = (
    Measure(
        "integrity", "Integrity",
        "How far booked rests on facts that are complete, evidenced, fresh, coherent, reconciled and not waived: 0 to"
        " 100 a deal, weighted by amount and rounded down.",
        "operations", "Whether a number may be certified, and which facts to mend first.", "count", 1, _WAYS,
        _integrity,
    ),
)  # fmt: skip
