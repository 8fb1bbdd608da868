"""Runs of the three verdicts, newest first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
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
