"""Writes what was measured: the score of each deal, and what it changed in the sums of its place."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from typing import NamedTuple

from ledger.rules.postings import CANCELLED, LOST
from ledger.transactions import step
from pipeline.queries.deals import Deal
from pipeline.rules.integrity import Integrity as Found
from reporting.models import Integrity, IntegrityDay, IntegrityMove
from reporting.queries import integrity_state
from reporting.queries.integrity_state import Where

_NOWHERE = (LOST, CANCELLED)
_STATE = ("version", "score", "parts", "place", "period", "unit", "value", "lack", "at", "again_at")


Key = tuple[str, date, date, str]  # place, day, month, unit


class Measured(NamedTuple):
    deal: Deal
    found: Found


@step
def keep(measured: Iterable[Measured], at: datetime) -> None:
    """Of many deals at once; only ever by the one that measures."""
    rows = list(measured)
    kept = integrity_state.kept([row.deal.view.id for row in rows])
    state = [_state(row, at) for row in rows]
    Integrity.objects.bulk_create(state, update_conflicts=True, unique_fields=["deal"], update_fields=_STATE)
    moves = [move for row in rows for move in _moves(row, kept.get(row.deal.view.id), at)]
    IntegrityMove.objects.bulk_create(moves)
    _add_to_days(moves, at)


def _state(row: Measured, at: datetime) -> Integrity:
    view, found, where = row.deal.view, row.found, _where(row.deal)
    return Integrity(
        deal_id=view.id, version=view.version, score=found.score, **where._asdict(), at=at, again_at=found.until,
        lack=where.value * (100 - found.score),
        parts=[[part.name, part.held, part.asked, list(part.missing)] for part in found.parts],
    )  # fmt: skip


def _where(deal: Deal) -> Where:
    view = deal.view
    if not view.value_minor or view.place is None or view.period is None or view.place in _NOWHERE:
        return Where("", None, view.unit, 0)
    return Where(view.place, view.period, view.unit, view.value_minor)


def _moves(row: Measured, was: tuple[Where, int] | None, at: datetime) -> Iterator[IntegrityMove]:
    """Out of the place where it stood, into the one where it stands; nothing when both are the same."""
    now = _where(row.deal), row.found.score
    if was == now:
        return
    for held, sign in ((was, -1), (now, 1)):
        if held is not None and held[0].place and held[0].period is not None:
            where, score = held
            value = sign * where.value
            yield IntegrityMove(
                deal_id=row.deal.view.id, at=at, place=where.place, period=held[0].period, unit=where.unit, value=value,
                worth=value * score,
            )  # fmt: skip


def _add_to_days(moves: Iterable[IntegrityMove], at: datetime) -> None:
    sums: defaultdict[Key, list[int]] = defaultdict(lambda: [0, 0])
    for move in moves:
        both = sums[move.place, at.astimezone(UTC).date(), move.period, move.unit]
        both[0] += move.value
        both[1] += move.worth
    days = {
        (day.place, day.day, day.period, day.unit): day
        for day in IntegrityDay.objects.filter(day__in={key[1] for key in sums}, place__in={key[0] for key in sums})
    }
    for key, (value, worth) in sums.items():
        place, day, period, unit = key
        row = days.setdefault(key, IntegrityDay(place=place, day=day, period=period, unit=unit, value=0, worth=0))
        row.value, row.worth = row.value + value, row.worth + worth
    IntegrityDay.objects.bulk_create(
        [days[key] for key in sums],
        update_conflicts=True, unique_fields=["place", "day", "period", "unit"], update_fields=["value", "worth"],
    )  # fmt: skip
