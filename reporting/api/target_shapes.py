"""Objectives and targets as the interface shows and takes them."""

from __future__ import annotations

from typing import Any

from governance.queries.targets import LinkRow
from governance.rules.targets import PURPOSES, Span
from ledger.api.schemas import AMOUNT, DAY, MOMENT, NUMBER, REF, TEXT, Schema, many, maybe, ref, shape
from ledger.api.shapes import moment
from ledger.rules.money import plain
from pipeline.queries import organisation
from reporting.queries.progress import Measured, WithResults
from reporting.rules import goals

_SPAN = {"period": TEXT, "first": DAY, "until": DAY, "unit": maybe(TEXT)}
COMPONENTS: dict[str, Schema] = {
    "Progress": shape(
        value=maybe(AMOUNT), gap=maybe(AMOUNT), percent=maybe(NUMBER), time_passed=NUMBER,
        state={"type": "string", "enum": ["reached", "on track", "behind", "not begun", "unknown"]},
    ),
    "Target": shape(
        id=NUMBER, version=NUMBER, purpose={"type": "string", "enum": list(PURPOSES)}, objective=maybe(NUMBER),
        title=TEXT, measure=TEXT, unit_of_measure=maybe(TEXT), **_SPAN, base=maybe(AMOUNT), goal=maybe(AMOUNT),
        currency=maybe(TEXT), state=TEXT, set_by=TEXT, set_at=MOMENT, entry=NUMBER, progress=ref("Progress"),
    ),
    "TargetLink": shape(deal=REF, title=TEXT, unit=TEXT, milestone=maybe(TEXT), amount=AMOUNT, entry=NUMBER),
    "TargetDetail": shape(target=ref("Target"), links=many(ref("TargetLink"))),
    "Objective": shape(
        id=NUMBER, version=NUMBER, title=TEXT, **_SPAN, owner=TEXT, state=TEXT, set_at=MOMENT, entry=NUMBER,
        key_results=many(ref("Target")),
    ),
}  # fmt: skip


def span(found: Span) -> dict[str, Any]:
    return {"period": found.name, "first": found.first, "until": found.until, "unit": found.unit}


def target(found: Measured) -> dict[str, Any]:
    one, way, currency = found.target, found.progress, found.target.currency or organisation.company().currency
    unit = found.measure.unit if found.measure else None

    def said(value: Any) -> str | None:
        return goals.text(value, unit, currency) if unit else None

    return {
        "id": one.id,
        "version": one.version,
        "purpose": one.purpose,
        "objective": one.objective,
        "title": found.row.title or (found.measure.title if found.measure else one.measure),
        "measure": one.measure,
        "unit_of_measure": unit,
        **span(one.span),
        "base": said(one.base),
        "goal": said(one.goal),
        "currency": one.currency,
        "state": one.state,
        "set_by": found.row.by,
        "set_at": moment(one.set_at),
        "entry": one.entry,
        "progress": {
            "value": said(way.value),
            "gap": said(way.gap),
            "percent": way.percent,
            "time_passed": int(way.passed * 100),
            "state": way.state,
        },
    }


def link(row: LinkRow, currency: str | None) -> dict[str, Any]:
    amount = plain(row.link.amount, currency) if currency else str(row.link.amount)
    return {
        "deal": row.ref, "title": row.title, "unit": row.unit, "milestone": row.link.key or None, "amount": amount,
        "entry": row.link.entry,
    }  # fmt: skip


def objective(found: WithResults) -> dict[str, Any]:
    one = found.row.objective
    return {
        "id": one.id,
        "version": one.version,
        "title": found.row.title,
        **span(one.span),
        "owner": found.row.owner,
        "state": one.state,
        "set_at": moment(one.set_at),
        "entry": one.entry,
        "key_results": [target(result) for result in found.results],
    }
