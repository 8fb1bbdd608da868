"""Shapes of milestones and evidence in the OpenAPI document."""

from __future__ import annotations

from governance.api import alert_shapes, capacity_shapes, effect_shapes
from governance.rules.milestone import STATES
from ledger.api.schemas import DAY, HEX, MOMENT, NUMBER, REF, TEXT, Schema, many, maybe, ref, shape

STATE: Schema = {"type": "string", "enum": list(STATES)}
_IN_LISTS = {
    "id": NUMBER, "deal": REF, "title": TEXT, "key": TEXT, "name": TEXT, "function": TEXT, "unit": TEXT,
    "stage": TEXT, "state": STATE, "start_by": maybe(MOMENT), "due": maybe(MOMENT), "valid_until": maybe(MOMENT),
    "preparer": maybe(ref("PersonName")), "last_by": maybe(ref("PersonName")), "last_at": MOMENT,
    "owner": shape(seat=NUMBER, person=NUMBER, name=TEXT), "amount": maybe(ref("Money")), "evidence_count": NUMBER,
    "kind": {"type": "string", "enum": ["milestone", "handshake"]},
    "turn": maybe(shape(handed_to=maybe(ref("PersonName")), asked=maybe(ref("PersonName")), asked_at=maybe(MOMENT),
                        clock_stopped_seconds=NUMBER)),
    "handshake": maybe(shape(date=maybe(DAY), earliest=maybe(DAY), offered_by=maybe(TEXT))),
}  # fmt: skip
_WEBHOOK = {
    "id": NUMBER, "name": TEXT, "form": {"type": "string", "enum": ["webhook", "slack"]}, "url": TEXT,
    "topics": many(TEXT), "created_at": MOMENT, "failing_since": maybe(MOMENT), "next_try": maybe(MOMENT),
    "state": {"type": "string", "enum": ["working", "failing", "stopped"]}, "said": TEXT, "waiting": NUMBER,
}  # fmt: skip

COMPONENTS: dict[str, Schema] = {
    **alert_shapes.COMPONENTS,
    **capacity_shapes.COMPONENTS,
    **effect_shapes.COMPONENTS,
    "MilestoneSummary": shape(**_IN_LISTS),
    "Milestone": shape(**_IN_LISTS, evidence=many(ref("Evidence"))),
    "Milestones": shape(results=many(ref("Milestone"))),
    "Evidence": shape(
        id=NUMBER, kind={"type": "string", "enum": ["file", "link", "reference", "number"]}, name=TEXT, value=TEXT,
        sha256=HEX, size=NUMBER, content_type=TEXT, added_by=ref("PersonName"), added_at=MOMENT, url=TEXT,
    ),
    "Waiver": shape(
        id=NUMBER, deal=REF, requirement=TEXT, reason=TEXT, compensating_step=TEXT,
        state={"type": "string", "enum": ["requested", "refused", "granted", "repaid", "ended"]},
        requester=ref("PersonName"), requester_function=TEXT, requested_at=MOMENT, expires=MOMENT,
        approver=maybe(ref("PersonName")), approver_function=TEXT, decided_at=maybe(MOMENT), closed_at=maybe(MOMENT),
        debt=ref("Money"),
    ),
    "Hold": shape(
        id=NUMBER, key=TEXT, deal=maybe(REF), account=maybe(NUMBER), function=TEXT, reason=TEXT, why=TEXT,
        of_account_hold=maybe(NUMBER), state={"type": "string", "enum": ["open", "released"]},
        owner=maybe(ref("PersonName")), placed_at=MOMENT, released_by=maybe(ref("PersonName")),
        released_at=maybe(MOMENT), note=TEXT,
    ),
    "Touchpoint": shape(
        id=NUMBER, account=NUMBER, kind=TEXT, weight=NUMBER, function=TEXT, what=TEXT,
        state={"type": "string", "enum": ["open", "settled"]}, logged_by=maybe(ref("PersonName")), logged_as=TEXT,
        logged_at=MOMENT, settled_by=maybe(ref("PersonName")), settled_at=maybe(MOMENT), note=TEXT,
    ),
    "AccountHealth": shape(
        account=NUMBER, score=NUMBER, state={"type": "string", "enum": ["healthy", "strained", "at-risk"]}, open=NUMBER
    ),
    "Webhook": shape(**_WEBHOOK),
    "NewWebhook": shape(**_WEBHOOK, secret=maybe(TEXT)),
    "Delivery": shape(
        id=NUMBER, message=TEXT, type=TEXT, entry=maybe(NUMBER), attempts=NUMBER, created_at=MOMENT, due_at=MOMENT,
        settled_at=maybe(MOMENT), last=maybe(shape(at=MOMENT, result=TEXT, status=maybe(NUMBER), detail=TEXT,
        milliseconds=NUMBER)),
        state={"type": "string", "enum": ["waiting", "delivered", "withheld", "given up"]},
    ),
}  # fmt: skip
