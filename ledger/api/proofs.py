"""Signed heads of the tree, and proofs against them that anybody can verify without us."""

from __future__ import annotations

import base64
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from ledger import permissions
from ledger.api import describe, paging
from ledger.api.schemas import HEX, MOMENT, NUMBER, TEXT, many, shape
from ledger.api.shapes import moment
from ledger.api.views import ApiView
from ledger.queries import sight, tree
from ledger.queries.tree import SealView
from ledger.rules.merkle import leaf_hash
from ledger.rules.problems import Fault, bad_input, conflict, not_found

_CHECKPOINT = shape(size=NUMBER, root=HEX, at=MOMENT, note=TEXT)
_INCLUSION = shape(
    leaf_index=NUMBER, tree_size=NUMBER, leaf_hash=HEX, hashes=many(HEX), root=HEX, checkpoint=TEXT,
    envelope={"type": "string", "contentEncoding": "base64"},
)  # fmt: skip
_CONSISTENCY = {
    "type": "object",
    "properties": {"from": NUMBER, "to": NUMBER, "from_root": HEX, "to_root": HEX, "hashes": many(HEX)},
    "required": ["from", "to", "from_root", "to_root", "hashes"],
}


class Checkpoints(ApiView):
    @describe.listing("List checkpoints", _CHECKPOINT)
    def get(self, request: Request) -> Response:
        """Signed heads of the tree, newest first: `note` is a C2SP signed note."""
        asked = paging.query(request)
        before, limit = asked.number("after"), paging.limit(asked)
        asked.done()
        rows = tree.seals(before=before, limit=limit + 1)
        following = rows[limit - 1].size if len(rows) > limit else None
        return paging.page(request, map(_checkpoint, rows[:limit]), following)


class Inclusion(ApiView):
    @describe.read("Prove that an entry is in the tree", _INCLUSION, describe.query("entry", NUMBER), also=(409,))
    def get(self, request: Request) -> Response:
        """The audit path of RFC 6962 from an entry to the newest checkpoint, with the hashed bytes."""
        asked = paging.query(request)
        number = asked.number("entry")
        asked.done()
        if number is None:
            raise bad_input([Fault("/entry", "PROOF-1", "Name the entry: ?entry=123.")])
        stream, envelope, unit = sight.entry(number)
        if not permissions.can_see_entry(self.seats, unit):
            raise not_found(f"Entry {number}")
        index, head = tree.leaf_of(number), tree.head()
        if index is None or head is None:
            say = f"Entry {number} of {stream} is not under a checkpoint yet. Ask again in a few seconds. [PROOF-2]"
            raise conflict("not-sealed", "Not sealed yet", say)
        return Response(
            {
                "leaf_index": index,
                "tree_size": head.size,
                "leaf_hash": leaf_hash(envelope).hex(),
                "hashes": [digest.hex() for digest in tree.inclusion(index, head.size)],
                "root": head.root.hex(),
                "checkpoint": head.note,
                "envelope": base64.b64encode(envelope).decode(),
            }
        )


class Consistency(ApiView):
    @describe.read(
        "Prove that one tree is the beginning of another",
        _CONSISTENCY,
        describe.query("from", NUMBER),
        describe.query("to", NUMBER, "The newest checkpoint when it is left out."),
    )
    def get(self, request: Request) -> Response:
        """That the record of `from` entries stands unchanged in the record of `to`."""
        asked = paging.query(request)
        old, size = asked.number("from"), asked.number("to")
        asked.done()
        head = tree.head()
        newest = head.size if head else 0
        size = newest if size is None else size
        if old is None or not 0 < old <= size <= newest:
            say = f"Name two sizes of the tree, ?from=…&to=…, between 1 and {newest}, the smaller one first."
            raise bad_input([Fault("/from", "PROOF-3", say)])
        return Response(
            {
                "from": old,
                "to": size,
                "from_root": tree.root(old).hex(),
                "to_root": tree.root(size).hex(),
                "hashes": [digest.hex() for digest in tree.consistency(old, size)],
            }
        )


def _checkpoint(seal: SealView) -> dict[str, Any]:
    return {"size": seal.size, "root": seal.root.hex(), "at": moment(seal.at), "note": seal.note}
