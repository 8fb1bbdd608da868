"""Milestones and evidence as programs read them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from django.urls import reverse

from governance.models import Evidence
from governance.queries.holds import HoldRow
from governance.queries.milestones import MilestoneRow
from governance.queries.touchpoints import TouchpointRow
from governance.queries.waivers import WaiverRow
from governance.rules.waiver import debt
from ledger.api.shapes import moment, money
from ledger.queries import entries
from pipeline.queries import organisation, seats
from pipeline.queries.deals import ref_of


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
        "kind": row.requirement,
        "handshake": _agreed(row),
        "turn": _turn(row),
    }


def _turn(row: MilestoneRow) -> dict[str, Any] | None:
    """Whose turn a submission is, once somebody asked about it or handed it over; the clock is that of its verifier."""
    if row.turn_entry is None or row.state != "submitted":
        return None
    return {
        "handed_to": _person(row.handed_to, row.handed_name),
        "asked": _person(row.asked_of, row.asked_name),
        "asked_at": moment(row.asked_at),
        "clock_stopped_seconds": row.stopped_us // 1_000_000,
    }


def _agreed(row: MilestoneRow) -> dict[str, Any] | None:
    """What a handshake is about, once it was offered; `earliest` is the counter-offer of a refusal."""
    if row.agreed is None or row.state == "planned":
        return None
    said = json.loads(row.agreed)
    return {name: said.get(name) for name in ("date", "earliest", "offered_by")}


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


def waivers(rows: Iterable[WaiverRow]) -> list[dict[str, Any]]:
    """`debt` in currency-days: the value of the deal × days open."""
    now, currency = seats.now(), organisation.company().currency
    found = list(rows)
    steps = entries.private_texts([row.waiver.id for row in found], "step")
    return [
        {
            "id": row.waiver.id,
            "deal": row.ref,
            "requirement": row.waiver.key,
            "reason": row.waiver.reason,
            "compensating_step": steps.get(row.waiver.id, ""),
            "state": row.waiver.state,
            "requester": _person(row.waiver.requester, row.requester),
            "requester_function": row.waiver.requester_function,
            "requested_at": moment(row.waiver.requested_at),
            "expires": moment(row.waiver.valid_until),
            "approver": _person(row.waiver.approver, row.approver),
            "approver_function": row.waiver.approver_function or "",
            "decided_at": moment(row.waiver.decided_at),
            "closed_at": moment(row.waiver.closed_at),
            "debt": money(debt(row.waiver, now), currency),
        }
        for row in found
    ]


def holds(rows: Iterable[HoldRow]) -> list[dict[str, Any]]:
    """`why` of a deal that follows its account is what was said there."""
    found = list(rows)
    whys = entries.private_texts([row.hold.of_hold or row.hold.id for row in found], "why")
    notes = entries.private_texts([row.hold.entry for row in found if not row.hold.open], "note")
    return [
        {
            "id": row.hold.id,
            "key": row.hold.key,
            "deal": None if row.hold.deal is None else ref_of(row.hold.deal),
            "account": row.hold.account,
            "function": row.hold.function,
            "reason": row.hold.reason,
            "why": whys.get(row.hold.of_hold or row.hold.id, ""),
            "of_account_hold": row.hold.of_hold,
            "state": "open" if row.hold.open else "released",
            "owner": _person(row.owner, row.placed_by),
            "placed_at": moment(row.hold.placed_at),
            "released_by": _person(row.hold.released_by, row.released_by),
            "released_at": moment(row.hold.released_at),
            "note": notes.get(row.hold.entry, ""),
        }
        for row in found
    ]


def touchpoints(rows: Iterable[TouchpointRow]) -> list[dict[str, Any]]:
    found = list(rows)
    whats = entries.private_texts([row.touchpoint.id for row in found], "what")
    notes = entries.private_texts([row.touchpoint.entry for row in found if not row.touchpoint.open], "note")
    return [
        {
            "id": row.touchpoint.id,
            "account": row.touchpoint.account,
            "kind": row.touchpoint.kind,
            "weight": row.touchpoint.weight,
            "function": row.touchpoint.function,
            "what": whats.get(row.touchpoint.id, ""),
            "state": "open" if row.touchpoint.open else "settled",
            "logged_by": _person(row.touchpoint.logged_by, row.logged_by),
            "logged_as": row.touchpoint.logged_as,
            "logged_at": moment(row.touchpoint.logged_at),
            "settled_by": _person(row.touchpoint.settled_by, row.settled_by),
            "settled_at": moment(row.touchpoint.settled_at),
            "note": notes.get(row.touchpoint.entry, ""),
        }
        for row in found
    ]


def _person(number: int | None, name: str | None) -> dict[str, Any] | None:
    if number is None:
        return None
    return {"person": number, "name": name or ("System" if number == 0 else "")}
