"""Shapes of deals, decisions, policies and reference data in the OpenAPI document."""

from __future__ import annotations

from ledger.api.schemas import (
    ANYTHING,
    DAY,
    FLAG,
    HEX,
    MOMENT,
    NUMBER,
    REF,
    TEXT,
    Schema,
    many,
    maybe,
    ref,
    shape,
    takes,
    text,
)  # fmt: skip

OWNER = shape(seat=NUMBER, person=NUMBER, name=TEXT)
ACCOUNT = maybe(shape(id=NUMBER, name=TEXT))
MONEY = maybe(ref("Money"))
STATE: Schema = {"type": "string", "enum": ["met", "unmet", "waived", "not_applicable"]}
KIND: Schema = {
    "type": "string",
    "enum": ["input", "milestone", "handshake", "capacity", "attestation", "approval", "condition"],
}
ASKED_MONEY: Schema = {
    "oneOf": [
        {"type": "string", "minLength": 1, "maxLength": 40},
        {"type": "integer", "minimum": 1},
        {
            "type": "object",
            "properties": {"amount": {"type": ["string", "integer"]}, "currency": {"type": "string"}},
            "required": ["amount"],
        },
        {"type": "null"},
    ],
    "examples": [{"amount": "240000.00", "currency": "EUR"}],
}
_ID = {"type": "integer", "minimum": 0, "maximum": 2**53 - 1}
TERMS = {
    "amount": ASKED_MONEY,
    "currency": {"type": "string", "pattern": "^[A-Z]{3}$"},
    "close_on": maybe(DAY),
    "start_on": maybe(DAY),
    "account": maybe(_ID),
    "lines": many(takes("product", "quantity", "price", product=_ID, quantity=_ID, price=ASKED_MONEY, name=TEXT)),
    "credits": many(_ID),
    "inputs": ANYTHING,
}

_IN_LISTS = {
    "ref": REF, "title": TEXT, "stage": TEXT, "unit": TEXT, "owner": OWNER, "account": ACCOUNT, "amount": MONEY,
    "value": MONEY, "close_on": maybe(DAY), "start_on": maybe(DAY), "stage_entered_at": maybe(MOMENT),
    "version": NUMBER, "policy_version": NUMBER, "booked": FLAG,
}  # fmt: skip
_STANDING = shape(key=TEXT, function=TEXT, state=TEXT, due=maybe(MOMENT), valid_until=maybe(MOMENT))
_LINE = shape(product=NUMBER, name=TEXT, quantity=NUMBER, price=ref("Money"))

COMPONENTS: dict[str, Schema] = {
    "DealSummary": shape(**_IN_LISTS, blocked=FLAG),
    "Deal": shape(
        **_IN_LISTS, description=TEXT, inputs=ANYTHING, lines=many(_LINE), credits=many(NUMBER), terms=HEX,
        milestones=many(_STANDING), attestations=many(_STANDING), as_of=maybe(MOMENT),
    ),
    "Opening": {
        **takes("title", title=text(1, 200), description=text(0, 10_000), owner=_ID, **TERMS),
        "additionalProperties": True,  # the inputs of the policy may stand here as well as in `inputs`
    },
    "Amendment": {
        "type": "object",
        "properties": {"title": TEXT, "description": TEXT, **TERMS},
        "additionalProperties": True,
    },
    "PipelineRow": shape(stage=TEXT, unit=TEXT, deals=NUMBER, amount=maybe(ref("Money"))),
    "Pipeline": shape(rows=many(ref("PipelineRow")), as_of=MOMENT),
    "Requirement": shape(
        key=TEXT, kind=KIND, state=STATE, status=TEXT, message=TEXT, owner_function=TEXT, who=TEXT,
        due=maybe(MOMENT), remedy=TEXT, code=TEXT,
    ),
    "Decision": {
        **shape(passed=FLAG, to=TEXT, policy_version=NUMBER, requirements=many(ref("Requirement"))),
        "properties": {
            "from": TEXT, "to": TEXT, "passed": FLAG, "policy_version": NUMBER,
            "requirements": many(ref("Requirement")),
        },
        "required": ["from", "to", "passed", "policy_version", "requirements"],
    },
    "TimelineEntry": shape(
        id=NUMBER, seq=NUMBER, kind=TEXT, sentence=TEXT, actor=ref("PersonName"), channel=TEXT, recorded_at=MOMENT,
        effective_at=MOMENT, hash=HEX, body=ANYTHING, texts=ANYTHING, evidence=many(TEXT),
    ),
    "Account": shape(
        id=NUMBER, name=TEXT, sector=TEXT, country=TEXT, parent=maybe(NUMBER), opened_at=MOMENT
    ),
    "Contact": shape(id=NUMBER, account=NUMBER, name=TEXT, email=TEXT, job=TEXT),
    "Product": shape(id=NUMBER, name=TEXT, series=TEXT, price=MONEY, active=FLAG),
    "Unit": shape(key=TEXT, name=TEXT, timezone=TEXT, capacity_base=NUMBER),
    "Function": shape(key=TEXT, name=TEXT),
    "Seat": shape(
        id=NUMBER, person=ref("PersonName"), function=TEXT, unit=maybe(TEXT), role=TEXT, since=MOMENT,
        reports_to=maybe(NUMBER),
    ),
    "Me": shape(
        id=NUMBER, name=TEXT, email=maybe(TEXT),
        token=maybe(shape(id=NUMBER, name=TEXT, scope=TEXT, expires_at=MOMENT)),
        seats=many(shape(id=NUMBER, function=TEXT, unit=maybe(TEXT), role=TEXT)),
        permissions=shape(
            units=maybe(many(TEXT)), open_deals=FLAG, assign_deals=FLAG, steward_policy=FLAG, import_files=FLAG,
            read_record=FLAG,
        ),
    ),
    "Token": shape(
        id=NUMBER, name=TEXT, prefix=TEXT, scope=TEXT, created_at=MOMENT, expires_at=MOMENT,
        revoked_at=maybe(MOMENT), last_used_on=maybe(DAY),
    ),
    "NewToken": shape(
        id=NUMBER, name=TEXT, prefix=TEXT, scope=TEXT, created_at=MOMENT, expires_at=MOMENT,
        revoked_at=maybe(MOMENT), last_used_on=maybe(DAY), secret=maybe(TEXT),
    ),
    "Policy": shape(
        version=NUMBER, name=TEXT, hash=HEX, drafted_at=MOMENT, drafted_by=NUMBER, published_at=maybe(MOMENT)
    ),
    "PolicyDetail": shape(
        version=NUMBER, name=TEXT, hash=HEX, drafted_at=MOMENT, drafted_by=NUMBER, published_at=maybe(MOMENT),
        signatures=many(shape(function=TEXT, person=NUMBER)), missing=many(TEXT), document=ANYTHING,
    ),
    "Finding": shape(code=TEXT, path=TEXT, message=TEXT, fix=TEXT),
    "TrialDeal": shape(
        deal=REF, title=TEXT, stage=TEXT, unit=TEXT, value=maybe(ref("Money")), reasons=many(TEXT), acting=many(TEXT),
    ),
    "TrialChange": shape(count=NUMBER, value=ref("Money"), deals=many(ref("TrialDeal"))),
    "Backtest": shape(
        today=shape(judged=NUMBER, whole=FLAG, blocked=ref("TrialChange"), released=ref("TrialChange"),
                    booked_unchanged=NUMBER),
        before=shape(days=NUMBER, passed=NUMBER, would_be_blocked=NUMBER, deals=NUMBER, value=ref("Money"),
                     by_requirement=ANYTHING),
        cost=shape(sentence=TEXT, input_seconds=NUMBER, wait_seconds=NUMBER, assumed_inputs=many(TEXT)),
        verifiers_short=many(shape(milestone=TEXT, unit=TEXT)),
    ),
    "PolicyMoveFigures": shape(
        deals=NUMBER, value=ref("Money"), stays=NUMBER, shut=NUMBER, shut_value=ref("Money"), opens=NUMBER,
        planned=NUMBER, released=NUMBER, stale=NUMBER, booked=NUMBER, whole=FLAG,
    ),
    "PolicyMove": shape(
        id=NUMBER, **{"from": NUMBER, "to": NUMBER}, unit=maybe(TEXT), stages=ANYTHING, drafted_at=MOMENT,
        drafted_by=NUMBER, figures=ref("PolicyMoveFigures"), signatures=many(shape(function=TEXT, person=NUMBER)),
        missing=many(TEXT), ordered_at=maybe(MOMENT), withdrawn_at=maybe(MOMENT),
    ),
    "PolicyMovePreview": shape(figures=ref("PolicyMoveFigures"), deals=many(ref("PolicyMoveDeal")), more=NUMBER),
    "PolicyMoveDeal": shape(
        deal=REF, title=TEXT, unit=TEXT, stage=TEXT, to_stage=TEXT, value=maybe(ref("Money")),
        gate={"type": "string", "enum": ["stays", "shut", "opens", "same"]}, open=many(TEXT), inputs=many(TEXT),
        planned=many(TEXT), released=many(TEXT), stale=many(shape(key=TEXT, fact=TEXT)),
    ),
    "PolicyMoveRun": shape(
        moved=NUMBER, stays=many(shape(deal=REF, code=TEXT, message=TEXT)), after=maybe(NUMBER)
    ),
    "Lint": shape(
        publishable=FLAG, inputs=maybe(NUMBER), faults=many(ref("Fault")), errors=many(ref("Finding")),
        warnings=many(ref("Finding")),
    ),
}  # fmt: skip
