"""Alerts as programs read them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from governance.queries import endangered
from governance.queries.alerts import AlertRow
from governance.queries.endangered import Endangered
from governance.rules.alert import STATES
from ledger.api.schemas import AMOUNT, DAY, FLAG, MOMENT, NUMBER, REF, TEXT, Schema, many, maybe, ref, shape
from ledger.api.shapes import day, moment, money
from ledger.queries import entries
from ledger.rules.money import plain
from pipeline.rules.seats import SeatView, visible_units

_STATE: Schema = {"type": "string", "enum": list(STATES)}
_IN_LISTS = {
    "id": NUMBER, "ref": TEXT, "subject": {"type": "string", "enum": ["milestone", "function", "capacity", "break"]},
    "milestone": maybe(NUMBER), "name": TEXT, "deal": maybe(REF), "title": TEXT, "function": TEXT, "unit": TEXT,
    "owner": maybe(shape(seat=NUMBER, person=NUMBER, name=TEXT)), "counterpart": TEXT,
    "amount_at_stake": maybe(ref("Money")),
    "stake": many(shape(period={"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}$"}, amount=ref("Money"))),
    "severity": {"type": "string", "enum": ["low", "medium", "high"]}, "early_warning_at": maybe(MOMENT),
    "missed_at": MOMENT, "opened_at": MOMENT, "due_at": MOMENT, "state": _STATE,
    "rung": {"type": "integer", "minimum": 0, "maximum": 2}, "next_rung_at": maybe(MOMENT), "escalated": FLAG,
    "cause": maybe(TEXT), "recovery_date": maybe(DAY), "done": FLAG, "acknowledged_at": maybe(MOMENT),
    "explained_at": maybe(MOMENT), "committed_at": maybe(MOMENT), "closed_at": maybe(MOMENT),
}  # fmt: skip
COMPONENTS: dict[str, Schema] = {
    "AlertSummary": shape(**_IN_LISTS),
    "EndangeredTarget": shape(
        target=NUMBER,
        title=TEXT,
        measure=TEXT,
        purpose=TEXT,
        period=TEXT,
        unit=maybe(TEXT),
        amount=AMOUNT,
        currency=maybe(TEXT),
        percent_of_goal=NUMBER,
        linked=FLAG,
    ),
    "Alert": shape(**_IN_LISTS, explanation=TEXT, plan=TEXT, endangers=many(ref("EndangeredTarget"))),
    "CommittedAlert": {
        **shape(**_IN_LISTS, explanation=TEXT, plan=TEXT, effect=ref("Effect")),
        "required": [*_IN_LISTS, "explanation", "plan"],
    },
}


def alert(row: AlertRow) -> dict[str, Any]:
    held = row.alert
    return {
        "id": held.id,
        "ref": held.ref,
        "subject": held.subject,
        "milestone": held.milestone,
        "name": row.milestone,
        "deal": row.deal,
        "title": row.title,
        "function": held.function,
        "unit": held.unit,
        "owner": {"seat": held.owner_seat, "person": row.owner_person, "name": row.owner} if held.owner_seat else None,
        "counterpart": held.counterpart,
        "amount_at_stake": money(held.stake_minor, held.currency),
        "stake": [
            {"period": str(part["period"])[:7], "amount": money(part["amount_minor"], held.currency)}
            for part in held.stake
        ],
        "severity": held.severity,
        "early_warning_at": moment(held.warned_at),
        "missed_at": moment(held.missed_at),
        "opened_at": moment(held.opened_at),
        "due_at": moment(held.due_at),
        "state": held.state,
        "rung": held.rung,
        "next_rung_at": moment(held.next_at),
        "escalated": held.rung > 0 and held.state != "closed",
        "cause": held.cause,
        "recovery_date": day(held.promised_on),
        "done": row.done,
        "acknowledged_at": moment(held.acknowledged_at),
        "explained_at": moment(held.explained_at),
        "committed_at": moment(held.committed_at),
        "closed_at": moment(held.closed_at),
    }


def with_texts(row: AlertRow, seats: Iterable[SeatView]) -> dict[str, Any]:
    """The same with the last words of whoever answered, and the targets that it endangers."""
    told = entries.timeline(f"alert/{row.alert.id}", limit=100)
    said = {name: next((one.private[name] for one in told if name in one.private), "") for name in ("what", "plan")}
    return {
        **alert(row), "explanation": said["what"], "plan": said["plan"],
        "endangers": [_danger(one) for one in endangered.of_alert(row, visible_units(seats))],
    }  # fmt: skip


def _danger(found: Endangered) -> dict[str, Any]:
    one = found.danger.target
    return {
        "target": one.id,
        "title": found.title,
        "measure": one.measure,
        "purpose": one.purpose,
        "period": one.span.name,
        "unit": one.span.unit,
        "amount": plain(found.danger.amount, one.currency) if one.currency else str(found.danger.amount),
        "currency": one.currency,
        "percent_of_goal": int(found.danger.share * 100),
        "linked": found.danger.linked,
    }
