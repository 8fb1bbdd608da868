"""The deals behind the odds, cohorts and waits of a forecast, newest entry first; `before` is the last entry seen."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection

from pipeline.queries.deals import ref_of
from reporting.queries import passages, waits
from reporting.queries.measuring import Asked

_PAGE = """
SELECT found.deal_id, deal.title, found.unit, found.entry, found.advanced, found.lost, found.days
FROM ({found}) AS found JOIN pipeline_deal deal ON deal.id = found.deal_id
WHERE found.entry < coalesce(%(before)s, 9223372036854775807) ORDER BY found.entry DESC LIMIT %(limit)s
"""
_ENTERED = _PAGE.format(found=f"SELECT * FROM ({passages.ENTERED}) AS entered WHERE stage = %(stage)s")
_DECIDED = _PAGE.format(found=passages.DECIDED)
_NAMES = """
SELECT s.deal_id, d.title, s.unit FROM pipeline_dealstate s JOIN pipeline_deal d ON d.id = s.deal_id
WHERE s.deal_id = ANY (%s)
"""
_DAY = 86_400_000_000


class Passed(NamedTuple):
    """A deal with what became of it; `days` is how long it took, where it went on, or what it waited."""

    deal: int
    title: str
    unit: str
    entry: int
    advanced: bool
    lost: bool
    days: Any

    @property
    def ref(self) -> str:
        return ref_of(self.deal)


def entered(asked: Asked, stage: str, since: datetime, until: datetime, before: int | None, most: int) -> list[Passed]:
    """Those that entered a stage from `since` to before `until`."""
    keys = [key for key, _name in passages.stages(asked)]
    said = {"stages": keys, "open": keys[:-1], "since": since, "until": until, "stage": stage}
    return _deals(asked, _ENTERED, said, before, most)


def decided(asked: Asked, stage: str, before: int | None, most: int) -> list[Passed]:
    """The newest that were won, and that were lost from a stage or a later one: what its odds are taken from."""
    keys = [key for key, _name in passages.stages(asked)]
    later = keys[keys.index(stage) : -1] if stage in keys else []
    return _deals(asked, _DECIDED, {"last": passages.last_stage(asked), "open": later}, before, most)


def waited(
    asked: Asked, stage: str, function: str, since: datetime, until: datetime, before: int | None, most: int
) -> list[Passed]:
    """What a function verified for a gate from `since` to before `until`, each with the days that it waited."""
    rows = waits.waited(asked, since, until, stage, function)
    found = [row for row in rows if before is None or row[0] < before][:most]
    with asked.reading(), connection.cursor() as cursor:
        cursor.execute(_NAMES, [[deal for _entry, deal, _us in found]])
        names = {deal: (title, unit) for deal, title, unit in cursor.fetchall()}
    return [
        Passed(deal, *names[deal], entry, True, False, max(us, 0) / _DAY) for entry, deal, us in found if deal in names
    ]


def _deals(asked: Asked, query: str, said: dict[str, Any], before: int | None, most: int) -> list[Passed]:
    units: Sequence[str] | None = None if asked.units is None else list(asked.units)
    with asked.reading(), connection.cursor() as cursor:
        cursor.execute(query, said | {"units": units, "before": before, "limit": most})
        return [Passed(*row) for row in cursor.fetchall()]
