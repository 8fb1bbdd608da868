"""Shapes of measures in the OpenAPI document."""

from __future__ import annotations

from governance.rules.breaks import SORTS
from ledger.api.schemas import (
    AMOUNT,
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
)
from reporting.api import target_shapes
from reporting.rules.promises import STATES

_ABOUT = {
    "name": TEXT, "title": TEXT, "definition": TEXT, "owner": TEXT, "decision": TEXT,
    "unit": {"type": "string", "enum": ["money", "share", "count", "days"]}, "definition_version": maybe(NUMBER),
    "ways": many(TEXT), "by_period": FLAG,
}  # fmt: skip
_SUMS = {
    "value": AMOUNT, "gross": AMOUNT, "de_booked": AMOUNT, "under_waiver": AMOUNT, "unverified_history": AMOUNT,
}  # fmt: skip

CATEGORY: Schema = {"type": "string", "enum": ["omitted", "pipeline", "best_case", "commit"]}
MONTH: Schema = {**TEXT, "examples": ["2026-11", "2026-Q4", "2026"]}
_A_MONTH: Schema = {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}$"}


def _of(schema: Schema) -> Schema:
    """An object whose members, whatever their names, are such."""
    return {"type": "object", "additionalProperties": schema}


_ENDS = {"opening": AMOUNT, "closing": AMOUNT, "buckets": _of(AMOUNT), "gross_churn": AMOUNT}
_PERIOD = {"type": "string", "pattern": "^[12][0-9]{3}-(0[1-9]|1[0-2])$"}
_PERIOD_ROW: dict[str, Schema] = {
    "period": _PERIOD, "state": {"type": "string", "enum": ["open", "soft-closed", "closed"]},
    "prepared_at": maybe(MOMENT), "closed_at": maybe(MOMENT), "signed": many(TEXT), "version": NUMBER,
}  # fmt: skip
_FIGURES = shape(
    bookings=AMOUNT, under_waiver=AMOUNT, billings=AMOUNT, collected=AMOUNT, revenue=AMOUNT, deferred=AMOUNT,
    unbilled=AMOUNT, backlog=AMOUNT,
)  # fmt: skip
_BACKLOG: dict[str, Schema] = dict.fromkeys(
    ("bookings", "billings", "collected", "revenue", "deferred", "unbilled", "backlog"), AMOUNT
)
_PEOPLE: Schema = {"type": "object", "additionalProperties": maybe(TEXT)}

COMPONENTS: dict[str, Schema] = {
    "Promise": shape(
        deal=REF, title=TEXT, unit=TEXT, value=ref("Money"), promised=DAY, feasible=DAY, estimated=FLAG,
        delivered=maybe(DAY), state={"type": "string", "enum": list(STATES)}, days={"type": "integer"}, entry=NUMBER,
    ),
    "Break": shape(
        id=NUMBER, ref=TEXT, deal=REF, title=TEXT, unit=TEXT, sort={"type": "string", "enum": list(SORTS)},
        function=TEXT, sentence=TEXT, month=_A_MONTH, amount=ref("Money"),
        promise=shape(sold=ref("Money"), agreed=ref("Money")),
        plan=shape(delivered=ref("Money"), without_capacity=ref("Money"), estimated=FLAG, invoice_due=FLAG),
        books=shape(invoiced=ref("Money"), collected=ref("Money"), claims_invoice=FLAG, claims_payment=FLAG),
        alert=maybe(NUMBER), owner=maybe(TEXT), due_at=maybe(MOMENT), found_at=MOMENT, changed_at=MOMENT,
        cleared_at=maybe(MOMENT), entry=NUMBER,
    ),
    "Billing": shape(
        number=TEXT, deal=REF, day=DAY, amount=ref("Money"), value=ref("Money"), entry=NUMBER,
    ),
    "Backlog": shape(
        **_BACKLOG, currency=TEXT, as_of=MOMENT, receipt=ref("Receipt"), rows=many(shape(unit=TEXT, **_BACKLOG)),
    ),
    "PeriodSummary": shape(**_PERIOD_ROW),
    "Period": shape(
        **_PERIOD_ROW, prepared_by=maybe(TEXT), closed_by=maybe(TEXT), signatures=_PEOPLE, restating=_PEOPLE,
        ready=FLAG, checklist=many(shape(
            key=TEXT, state={"type": "string", "enum": ["met", "unmet"]}, message=TEXT, owner_function=TEXT,
            who=maybe(TEXT), remedy=TEXT, proof=maybe(TEXT),
        )),
        sha256=HEX, currency=TEXT, left_open=shape(deals=NUMBER, value=ref("Money")),
        as_reported=_FIGURES, as_known=_FIGURES,
        snapshots=many(shape(version=NUMBER, sha256=HEX, tree_size=NUMBER, at=MOMENT, entry=NUMBER)),
    ),
    **target_shapes.COMPONENTS,
    "BookedRow": shape(unit=maybe(TEXT), period=maybe({"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}$"}), **_SUMS),
    "Receipt": shape(
        v=NUMBER, measure=TEXT, definition_version=NUMBER, as_of=MOMENT, scope=ANYTHING, currency=TEXT,
        fx_table_version=NUMBER, ledger_position=NUMBER, tree_head=maybe(shape(size=NUMBER, root=HEX)), value=AMOUNT,
        deals=NUMBER, integrity=maybe(NUMBER), rows=maybe(ANYTHING), key=TEXT,
        signature={"type": "string", "contentEncoding": "base64"},
    ),
    "Booked": shape(
        **_SUMS, currency=TEXT, definition_version=NUMBER, as_of=MOMENT, integrity=maybe(NUMBER),
        receipt=ref("Receipt"), rows=many(ref("BookedRow")),
    ),
    "Measure": shape(**_ABOUT),
    "MeasureAnswer": shape(
        **_ABOUT, value=maybe(AMOUNT), currency=maybe(TEXT), as_of=MOMENT, position=NUMBER,
        rows=many({"type": "object", "required": ["value"], "properties": {"value": maybe(AMOUNT)},
                   "additionalProperties": TEXT}), receipt=ref("Receipt"),
    ),
    "Bridge": shape(
        **_ENDS, **{"from": MOMENT, "to": MOMENT}, deals=_of(NUMBER), within=_of(_of(AMOUNT)), currency=TEXT,
        position=NUMBER, rows=many({
            "type": "object",
            "properties": {"unit": TEXT, "function": TEXT, "cause": TEXT, **_ENDS, "amount": AMOUNT, "deals": NUMBER},
        }), opening_receipt=ref("Receipt"), receipt=ref("Receipt"),
    ),
    "MovedDeal": shape(deal=REF, title=TEXT, unit=TEXT, amount=ref("Money"), entry=NUMBER),
    "IntegrityTotal": shape(
        score=maybe(NUMBER), certified=FLAG, weighed=AMOUNT,
        units=many(shape(unit=TEXT, score=maybe(NUMBER), weighed=AMOUNT)),
    ),
    "Integrity": shape(
        booked=ref("IntegrityTotal"), booked_under_waiver=ref("IntegrityTotal"), pipeline=ref("IntegrityTotal"),
        unverified_history=ref("IntegrityTotal"), certified_from=NUMBER, currency=TEXT, as_of=MOMENT,
        measured_until=maybe(MOMENT),
    ),
    "IntegrityDeal": shape(
        deal=REF, title=TEXT, unit=TEXT, value=ref("Money"), score=NUMBER,
        parts=many(shape(part=TEXT, held=NUMBER, asked=NUMBER, missing=many(TEXT))),
    ),
    "VarianceCause": {
        "type": "object",
        "required": ["cause", "amount"],
        "properties": {
            "cause": TEXT, "amount": AMOUNT, "milestone": TEXT, "due_on": DAY, "expected_on": DAY,
            "slip_days": {"type": "integer"}, "system_estimate": {"type": "boolean"},
        },
    },
    "VarianceRow": shape(
        period={"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}$"}, baseline=AMOUNT, expected=AMOUNT, variance=AMOUNT,
        causes=many(ref("VarianceCause")),
    ),
    "Variance": shape(
        rows=many(ref("VarianceRow")), baseline=AMOUNT, expected=AMOUNT, life=AMOUNT, currency=TEXT, as_of=MOMENT,
    ),
    "Forecast": shape(
        id=NUMBER, deal=REF, title=TEXT, seat=NUMBER, category=CATEGORY, ceiling=CATEGORY, probability=TEXT,
        amount=ref("Money"), close_on=DAY, period=_A_MONTH, lowered=FLAG, at=MOMENT, until=maybe(MOMENT),
    ),
    "ForecastAccuracy": shape(
        finished=NUMBER, wape=maybe(TEXT), mape=maybe(TEXT), bias=maybe(TEXT), brier=maybe(TEXT), skill=maybe(TEXT),
        warned_early=NUMBER, missed=NUMBER,
    ),
    "PeriodForecast": shape(
        period=TEXT, as_of=MOMENT, currency=TEXT,
        categories=shape(omitted=AMOUNT, pipeline=AMOUNT, best_case=AMOUNT, commit=AMOUNT, booked=AMOUNT),
        commit_call=AMOUNT, best_case_call=AMOUNT, total=AMOUNT, supported=AMOUNT, verified=AMOUNT, illusion_gap=AMOUNT,
        weighted_pipeline=AMOUNT, win_rate=TEXT, whole=AMOUNT, receipt=ref("Receipt"), whole_receipt=ref("Receipt"),
        rows=many(shape(category=TEXT, unit=TEXT, period=_A_MONTH, value=AMOUNT)),
        stages=many(shape(
            stage=TEXT, probability=TEXT, weighted=AMOUNT, entered=NUMBER, advanced=NUMBER, lost=NUMBER,
            conversion_to_date=maybe(TEXT), conversion_resolved=maybe(TEXT), median_days=maybe(TEXT),
        )),
        waits=many(shape(gate=TEXT, function=TEXT, verified=NUMBER, median_days=TEXT)),
        fulfilment=many(shape(
            unit=TEXT, wanted=NUMBER, fulfillable=NUMBER, over=NUMBER, share=maybe(TEXT), unfulfillable=AMOUNT,
        )),
        rolled_up=many(shape(
            unit=TEXT, period=_A_MONTH, week=DAY, commit_call=AMOUNT, best_case_call=AMOUNT, commit_call_below=AMOUNT,
            at=MOMENT,
        )),
        accuracy=maybe(ref("ForecastAccuracy")), teams=many(ref("ForecastAccuracy")),
    ),
    "BookedDeal": shape(deal=REF, title=TEXT, unit=TEXT, place=TEXT, amount=ref("Money"), entry=NUMBER),
}  # fmt: skip
