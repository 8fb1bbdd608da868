"""Milestones and evidence as programs read them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.urls import reverse

from governance.models import Evidence
from governance.queries.milestones import MilestoneRow
from ledger.api.shapes import moment, money


def milestone(row: MilestoneRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "deal": row.ref,
        "title": row.title,
        "key": row.key,
        "name": row.name,
        "function": row.function,
        "unit": row.unit,
        "stage": row.stage,
        "state": row.state,
        "start_by": moment(row.start_by),
        "due": moment(row.due_at),
        "valid_until": moment(row.valid_until),
        "preparer": _person(row.preparer, row.preparer_name),
        "last_by": _person(row.actor, row.actor_name),
        "last_at": moment(row.at),
        "owner": {"seat": row.owner, "person": row.owner_person, "name": row.owner_name},
        "amount": money(row.amount_minor, row.currency),
        "evidence_count": row.evidence,
    }


def with_evidence(row: MilestoneRow, pieces: Iterable[Evidence]) -> dict[str, Any]:
    return {**milestone(row), "evidence": [evidence(piece) for piece in pieces]}


def evidence(piece: Evidence) -> dict[str, Any]:
    return {
        "id": piece.pk,
        "kind": piece.kind,
        "name": piece.name,
        "value": piece.value,
        "sha256": piece.sha256,
        "size": piece.size,
        "content_type": piece.content_type,
        "added_by": {"person": piece.added_by_id, "name": piece.added_by.name},
        "added_at": moment(piece.added_at),
        "url": reverse("api-evidence", args=[piece.pk]),
    }


def _person(number: int | None, name: str | None) -> dict[str, Any] | None:
    if number is None:
        return None
    return {"person": number, "name": name or ("System" if number == 0 else "")}
