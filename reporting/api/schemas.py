"""Shapes of measures in the OpenAPI document."""

from __future__ import annotations

from ledger.api.schemas import AMOUNT, ANYTHING, MOMENT, NUMBER, REF, TEXT, Schema, many, maybe, ref, shape

_SUMS = {
    "value": AMOUNT, "gross": AMOUNT, "de_booked": AMOUNT, "under_waiver": AMOUNT, "unverified_history": AMOUNT,
}  # fmt: skip

COMPONENTS: dict[str, Schema] = {
    "BookedRow": shape(unit=maybe(TEXT), period=maybe({"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}$"}), **_SUMS),
    "Booked": shape(
        **_SUMS, currency=TEXT, definition_version=NUMBER, as_of=MOMENT, integrity=maybe(ANYTHING), receipt=ANYTHING,
        rows=many(ref("BookedRow")),
    ),
    "BookedDeal": shape(deal=REF, title=TEXT, unit=TEXT, place=TEXT, amount=ref("Money"), entry=NUMBER),
}  # fmt: skip
