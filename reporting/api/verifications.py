"""POST /verifications/: anybody may ask what became of a file or a receipt."""

from __future__ import annotations

from typing import Any

from rest_framework.parsers import MultiPartParser
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from ledger.api import describe
from ledger.api.reading import Reader
from ledger.api.schemas import ANYTHING, FLAG, NUMBER, TEXT, Schema, many, maybe, shape, takes
from ledger.api.views import ApiView
from ledger.rules.problems import Fault, bad_input
from pipeline.queries import seats
from reporting.exports import receipts
from reporting.queries.verdicts import ALTERED, CURRENT, NOT_OURS, SUPERSEDED, Verdict
from reporting.rules.receipt import certified, moment

_FILE: Schema = {"type": "string", "format": "binary"}
_CELLS = maybe(many({"type": ["string", "integer", "null"]}))
VERDICT = shape(
    verdict={"type": "string", "enum": [CURRENT, SUPERSEDED, ALTERED, NOT_OURS]},
    why=TEXT,
    receipt=maybe(ANYTHING),
    now=maybe(shape(value=TEXT, currency=TEXT, as_of=TEXT)),
    at_its_moment=maybe(TEXT),
    difference=maybe(shape(row=maybe(NUMBER), found=_CELLS, expected=_CELLS)),
    in_tree=maybe(FLAG),
    certified=maybe(FLAG),
)


class Verifications(ApiView):
    permission_classes = [AllowAny]
    parser_classes = [*ApiView.parser_classes, MultiPartParser]

    @describe.write(
        "Verify a receipt",
        takes("receipt", receipt=ANYTHING),
        VERDICT,
        status=200,
        form={"type": "object", "properties": {"file": _FILE}, "required": ["file"]},
    )
    def post(self, request: Request) -> Response:
        """A certified file as `file`, or `{"receipt": {…}}`. Needs no log-in; nothing is kept.

        `difference.row` is the first row that differs, counted from 1 without the header; null when the end is cut or
        all was written anew. `in_tree` says whether the head that the receipt names is one of today's tree;
        `certified` whether the integrity that it states is enough.
        """
        now = seats.now()
        file = request.FILES.get("file")
        if file is not None:
            found = receipts.judged(file.read(), now=now, name=str(file.name or "file")[-200:])
        else:
            stated = Reader(request.data)
            given = stated.value("receipt", required=True)
            stated.done()
            if not isinstance(given, (dict, str)):
                raise bad_input([Fault("/receipt", "VERIFY-1", "A receipt is a JSON object. Or send a file.")])
            found = receipts.judged(given.encode() if isinstance(given, str) else given, now=now)
        return Response(told(found, moment(now)))


def told(found: Verdict, now: str) -> dict[str, Any]:
    receipt, row = found.receipt, found.difference
    return {
        "verdict": found.verdict,
        "why": found.why,
        "receipt": None if receipt is None else {"sha256": receipt.digest, **_claim(receipt)},
        "now": {"value": found.now, "currency": receipt.claim.currency, "as_of": now}
        if receipt and found.now
        else None,
        "at_its_moment": found.then or None,
        "difference": None if row is None else {"row": row.row or None, "found": row.found, "expected": row.expected},
        "in_tree": found.in_tree,
        "certified": None if receipt is None else certified(receipt.claim.integrity),
    }


def _claim(receipt: Any) -> dict[str, Any]:
    claim = receipt.claim
    return {
        "measure": claim.measure, "definition_version": claim.definition_version, "as_of": claim.as_of,
        "scope": claim.scope, "currency": claim.currency, "value": claim.value, "deals": claim.deals,
        "ledger_position": claim.ledger_position, "tree_head": claim.tree_head, "key": receipt.key,
        "integrity": claim.integrity,
    }  # fmt: skip
