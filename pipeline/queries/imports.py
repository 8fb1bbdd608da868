"""What an import finds in place, and what earlier ones reported."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection

from ledger.rules.problems import not_found
from pipeline.models import ImportBatch
from pipeline.rules.importing.known import Listed
from pipeline.rules.seats import SeatView

COUNTS = ("read", "accepted", "unverified", "rejected", "unchanged")


class SalesSeat(NamedTuple):
    """An open sales seat of one unit."""

    id: int
    person: int
    name: str
    unit: str
    role: str


class Existing(NamedTuple):
    """A deal that an earlier import brought in. `bare`: kept as history without a line."""

    deal: int
    hash: str
    bare: bool


def sales_seats() -> list[SalesSeat]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT s.id, s.person_id, p.name, s.unit, s.role FROM pipeline_seat s JOIN pipeline_person p"
            " ON p.id = s.person_id WHERE s.function = 'sales' AND s.unit IS NOT NULL AND s.from_at <= ledger_now()"
            " AND (s.until_at IS NULL OR s.until_at > ledger_now()) ORDER BY s.id"
        )
        return [SalesSeat(*row) for row in cursor.fetchall()]


def accounts() -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, id FROM pipeline_account")
        return dict(cursor.fetchall())


def products(currency: str) -> dict[str, Listed]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, name, CASE WHEN currency = %s THEN price_minor END FROM pipeline_product WHERE is_active",
            [currency],
        )
        return {row[1]: Listed(*row) for row in cursor.fetchall()}


def units() -> list[tuple[str, str]]:
    """Key and name of every unit."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT key, name FROM pipeline_unit ORDER BY key")
        return cursor.fetchall()


def people_without_login() -> dict[str, list[int]]:
    """Name → people who came with an import and never log in."""
    found: dict[str, list[int]] = {}
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, id FROM pipeline_person WHERE email IS NULL ORDER BY id")
        for name, number in cursor.fetchall():
            found.setdefault(name, []).append(number)
    return found


def deals_of(source: str, refs: Sequence[str]) -> dict[str, Existing]:
    """Deals of a source by their id there; one query whatever their number."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT d.source_ref, d.id, d.source_hash, s.stage = 'history' AND s.lines = '[]'"
            " FROM pipeline_deal d JOIN pipeline_dealstate s ON s.deal_id = d.id"
            " WHERE d.source <> '' AND d.source = %s AND d.source_ref = ANY (%s)",
            [source, list(refs)],
        )
        return {row[0]: Existing(*row[1:]) for row in cursor.fetchall()}


def was_received(sha256: str) -> bool:
    """Whether these very bytes were imported before, not only tried."""
    return ImportBatch.objects.filter(sha256=sha256, dry_run=False, finished_at__isnull=False).exists()


@dataclass(frozen=True, slots=True)
class ImportView:
    """A run as pages and the API show it. `faults` are the first 1,000; `faults_total` counts all."""

    id: int
    file_name: str
    sha256: str
    dry_run: bool
    by: int | None
    by_name: str
    started_at: datetime
    finished_at: datetime | None
    counts: dict[str, int]
    faults: list[dict[str, Any]]
    faults_total: int
    suggested_map: dict[str, dict[str, str]]


def one(number: int, *, person: int, held: Sequence[SeatView]) -> ImportView:
    """A run of one's own, or any for an executive, a policy steward or an auditor; not found otherwise."""
    batch = ImportBatch.objects.select_related("by").filter(pk=number).first()
    if batch is None or not (batch.by_id == person or _sees_all(held)):
        raise not_found(f"Import {number}")
    return _view(batch)


def listing(*, person: int, held: Sequence[SeatView], before: int | None = None, limit: int = 20) -> list[ImportView]:
    """Runs, newest first, without their faults; `before` is the last id seen."""
    batches = ImportBatch.objects.select_related("by").defer("faults").order_by("-pk")
    if not _sees_all(held):
        batches = batches.filter(by=person)
    if before:
        batches = batches.filter(pk__lt=before)
    return [_view(batch, with_faults=False) for batch in batches[:limit]]


def _sees_all(held: Sequence[SeatView]) -> bool:
    return any(seat.role in ("executive", "steward", "auditor") for seat in held)


def _view(batch: ImportBatch, with_faults: bool = True) -> ImportView:
    said = batch.counts
    return ImportView(
        batch.pk, batch.file_name, batch.sha256, batch.dry_run, batch.by_id, batch.by.name if batch.by else "",
        batch.started_at, batch.finished_at, {name: said.get(name, 0) for name in COUNTS},
        batch.faults if with_faults else [], said.get("faults_total", 0), said.get("suggested_map", {}),
    )  # fmt: skip
