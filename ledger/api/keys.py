"""GET /ledger/keys/: the public keys of the record, for anybody."""

from __future__ import annotations

from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from ledger.api import describe, paging
from ledger.api.schemas import MOMENT, NUMBER, TEXT, many, maybe, shape
from ledger.api.shapes import moment
from ledger.api.views import ApiView
from ledger.queries import keys

_KEY = shape(
    key=TEXT,
    purpose={"type": "string", "enum": ["heads", "receipts"]},
    announced_at=MOMENT,
    announced_by=NUMBER,
    retired_at=maybe(MOMENT),
)


class Keys(ApiView):
    permission_classes = [AllowAny]

    @describe.read("List public keys", shape(results=many(_KEY)))
    def get(self, request: Request) -> Response:
        """Every key that the record announced, in order; `announced_by` is the entry. Retired ones stay."""
        paging.query(request).done()
        return Response(
            {
                "results": [
                    {
                        "key": one.key.text(),
                        "purpose": one.purpose,
                        "announced_at": moment(one.announced_at),
                        "announced_by": one.announced_by,
                        "retired_at": moment(one.retired_at),
                    }
                    for one in keys.history()
                ]
            }
        )
