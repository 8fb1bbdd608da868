"""Runs of the three verdicts, newest first."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection

from ledger.models import Verification

MOST = 20
_COLUMNS = ("id", "asked_by", "asked_at", "night", "started_at", "finished_at", "done", "whole", "report", "fault")


@dataclass(frozen=True, slots=True)
class Run:
    """`done` of `whole` steps; `report` once it is finished, `fault` when it could not be."""

    id: int
    asked_by: int
    asked_at: datetime
    night: date | None
    started_at: datetime | None
    finished_at: datetime | None
    done: int
    whole: int
    report: dict[str, Any] | None
    fault: str


def newest(limit: int = MOST) -> list[Run]:
    return [Run(*row) for row in Verification.objects.order_by("-pk").values_list(*_COLUMNS)[:limit]]


def unfinished() -> int | None:
    """The run that waits or works."""
    return Verification.objects.filter(finished_at=None).order_by("pk").values_list("pk", flat=True).first()


def whole() -> int:
    """Steps of a whole run: each leaf and each entry once. An estimate, for a bar that moves."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(max(id), 0) + coalesce((SELECT max(size) FROM ledger_seal), 0) FROM ledger_entry"
        )
        found: int = cursor.fetchone()[0]
    return found


@dataclass(frozen=True, slots=True)
class Verdict:
    """The newest finished run. `recent`: by the wall clock, which a demo does not move; `reaches`: it saw every entry
    that was recorded before a moment."""

    run: int
    finished_at: datetime
    ok: bool
    recent: bool
    reaches: bool


_LAST = """
SELECT v.id, v.finished_at, v.report, v.finished_at > now() - %s * interval '1 second',
    coalesce((v.report ->> 'tree_size')::bigint, 0) >= (
    SELECT coalesce(max(l.idx), -1) + 1 FROM ledger_leaf l WHERE l.entry_id = (
        SELECT e.id FROM ledger_entry e WHERE e.id < ledger_first_after(%s) ORDER BY e.id DESC LIMIT 1))
FROM ledger_verification v WHERE v.finished_at IS NOT NULL AND v.report IS NOT NULL ORDER BY v.id DESC LIMIT 1
"""


def last_verdict(within: timedelta, until: datetime) -> Verdict | None:
    """None when no run was finished with a report."""
    with connection.cursor() as cursor:
        cursor.execute(_LAST, [within.total_seconds(), until])
        row = cursor.fetchone()
    if row is None:
        return None
    run, finished_at, report, recent, reaches = row
    said = json.loads(report) if isinstance(report, str) else report
    ok = all(said[name]["ok"] for name in ("integrity", "completeness", "lawfulness"))
    return Verdict(run, finished_at, ok, recent, reaches)
