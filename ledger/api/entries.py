"""GET /ledger/entries/: the record itself, byte for byte."""

from __future__ import annotations

import base64
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from ledger import permissions
from ledger.api import describe, paging
from ledger.api.shapes import moment
from ledger.api.views import ApiView
from ledger.queries import record
from ledger.queries.record import RawEntry


class Entries(ApiView):
    @describe.listing("List entries of the record", "Entry")
    def get(self, request: Request) -> Response:
        """Every entry in commit order; `envelope` are the hashed bytes. For auditors, executives and stewards."""
        permissions.check_can_read_record(seat.role for seat in self.seats)
        asked = paging.query(request)
        after, limit = asked.number("after") or 0, paging.limit(asked)
        asked.done()
        rows = record.tail(after, limit + 1)
        following = rows[limit - 1].id if len(rows) > limit else None
        return paging.page(request, map(entry, rows[:limit]), following)


def entry(row: RawEntry) -> dict[str, Any]:
    return {
        "id": row.id,
        "stream": row.stream,
        "seq": row.seq,
        "kind": row.kind,
        "actor": row.actor,
        "recorded_at": moment(row.recorded_at),
        "effective_at": moment(row.effective_at),
        "envelope": base64.b64encode(row.envelope).decode(),
        "hash": row.hash.tobytes().hex(),
    }
