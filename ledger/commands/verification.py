"""Runs of `verify_ledger` that somebody waits for: asked, claimed by one process at a time, kept, finished."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Q

from ledger.commands.append import Draft, append, lock
from ledger.models import Verification
from ledger.rules.actor import SYSTEM, Actor
from ledger.transactions import command

STREAM = "ledger/verification"
LEASE = timedelta(seconds=60)  # a process that says nothing for so long is taken for dead, and another one goes on
MOST_FAILURES = 3


@dataclass(frozen=True, slots=True)
class Claimed:
    """A run in the hands of this process, with the progress that the process before it has kept."""

    id: int
    number: int
    progress: dict[str, Any] | None


@command
def ask(*, by: Actor, night: date | None = None) -> int | None:
    """Asks for a run; None when one waits or works already, or when this night has had its run."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('ledger_verification'))")
    if Verification.objects.filter(finished_at=None).exists():
        return None
    if night is not None and Verification.objects.filter(night=night).exists():
        return None
    return Verification.objects.create(asked_by=by.person, asked_at=datetime.now(UTC), night=night).pk


@command
def claim(number: int | None = None) -> Claimed | None:
    """Takes the oldest run that waits or that a dead process has left; or, whoever has it, the one with this number.

    The process that had it finds out when it next keeps its progress, and stops.
    """
    now = datetime.now(UTC)
    which = Q(seen_at=None) | Q(seen_at__lt=now - LEASE) if number is None else Q(pk=number)
    run = (
        Verification.objects.filter(which, finished_at=None).select_for_update(skip_locked=True).order_by("pk").first()
    )
    if run is None:
        return None
    run.claim, run.seen_at, run.started_at = run.claim + 1, now, run.started_at or now
    run.save(update_fields=["claim", "seen_at", "started_at"])
    return Claimed(run.pk, run.claim, run.progress)


def keep(run: Claimed, progress: Mapping[str, Any], done: int, whole: int) -> bool:
    """Says how far it has come; False when another process has taken the run over."""
    mine = _mine(run)
    return bool(mine.update(progress=progress, done=done, whole=whole, seen_at=datetime.now(UTC), failures=0, fault=""))


def release(run: Claimed) -> None:
    """Lets the next process go on at once."""
    _mine(run).update(seen_at=None)


@command
def fail(run: Claimed, fault: str) -> None:
    """Another process tries again after the lease; the third failure at one place ends the run without a verdict."""
    row = _mine(run).select_for_update().first()
    if row is None:
        return
    row.failures, row.fault = row.failures + 1, fault[:1000]
    if row.failures >= MOST_FAILURES:
        row.finished_at = datetime.now(UTC)
    row.save(update_fields=["failures", "fault", "finished_at"])


@command
def finish(run: Claimed, report: Mapping[str, Any], *, by: Actor = SYSTEM) -> None:
    """Keeps the report, and writes `ledger.verified` with the three verdicts: that is on the record, too."""
    ended = {"report": report, "progress": None, "finished_at": datetime.now(UTC), "fault": ""}
    if not _mine(run).update(**ended):
        return
    verdicts = {name: {key: report[name][key] for key in ("ok", "checked", "broken")}
                for name in ("integrity", "completeness", "lawfulness")}  # fmt: skip
    said = {"run": run.id, "tree_size": report["tree_size"], "entries": report["entries"], **verdicts}
    append(lock(STREAM), Draft("ledger.verified", said), by=by)


def finish_quietly(run: Claimed, report: Mapping[str, Any]) -> None:
    """Keeps the report alone: a run by hand leaves the record as it found it."""
    _mine(run).update(report=report, progress=None, finished_at=datetime.now(UTC), fault="")


def _mine(run: Claimed) -> Any:
    return Verification.objects.filter(pk=run.id, claim=run.number, finished_at=None)
