"""The state of the record that a receipt names."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ledger.queries import prepared, tree
from reporting.rules.receipt import Claim, moment

# The newest rate published at a position: one look into the stream of each currency.
_RATES = """
SELECT coalesce(max(newest.id), 0) FROM (SELECT DISTINCT currency FROM pipeline_fxrate) AS known, LATERAL (
    SELECT id FROM ledger_entry WHERE stream = 'rate/' || known.currency AND id <= %s ORDER BY seq DESC LIMIT 1
) AS newest
"""


def claim(
    measure: str,
    *,
    scope: Mapping[str, Any],
    as_of: datetime,
    currency: str,
    value: str,
    deals: int,
    definition_version: int,
    ledger_position: int,
    integrity: int | None = None,
    rows: Mapping[str, Any] | None = None,
) -> Claim:
    """What a receipt of this number says. Every measure comes through here, so all receipts have one shape.

    `fx_table_version` is the newest published rate at that position; the head is the newest signed one.
    """
    rates = prepared.row(_RATES, [ledger_position])[0]
    head = tree.head()
    return Claim(
        measure=measure,
        definition_version=definition_version,
        as_of=moment(as_of),
        scope=scope,
        currency=currency,
        fx_table_version=rates,
        ledger_position=ledger_position,
        tree_head={"size": head.size, "root": head.root.hex()} if head else None,
        value=value,
        deals=deals,
        integrity=integrity,
        rows=rows,
    )
