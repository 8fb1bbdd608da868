"""The proof that accompanies a number: what was claimed, over what, from which state of the record, signed.

Bytes are RFC 8785 over the restricted domain of the record, so the same claim is the same bytes on every machine and
in every locale. What is signed is the receipt without its member `signature`.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from ledger.rules import envelope
from ledger.rules.checkpoint import Key, Signer
from ledger.rules.problems import Problem
from pipeline.rules.integrity import CERTIFIED

VERSION = 1
MOST_BYTES = 32 * 1024


class NotAReceipt(ValueError):
    """The text is no receipt; the message says why."""


@dataclass(frozen=True, slots=True)
class Claim:
    """What a receipt says. `value` is decimal text in `currency`; `rows` describes the table of a file, if any.

    `tree_head` is the signed head that the record had: whoever keeps the receipt keeps a witness of the whole record.
    """

    measure: str
    definition_version: int
    as_of: str
    scope: Mapping[str, Any]
    currency: str
    fx_table_version: int
    ledger_position: int
    tree_head: Mapping[str, Any] | None
    value: str
    deals: int
    integrity: int | None = None
    rows: Mapping[str, Any] | None = None


def certified(integrity: int | None) -> bool:
    """Whether a number of this integrity is certified; where nothing has an amount, there is nothing to hold back."""
    return integrity is None or integrity >= CERTIFIED


_MEMBERS = {*Claim.__slots__, "v", "key"}


@dataclass(frozen=True, slots=True)
class Receipt:
    """A claim with the key that is said to have signed it; `stands` answers whether it has."""

    claim: Claim
    key: str
    signature: bytes
    signed: bytes

    @property
    def as_of(self) -> datetime:
        return datetime.fromisoformat(self.claim.as_of)

    @property
    def digest(self) -> str:
        """Names the receipt: SHA-256 of what is signed."""
        return hashlib.sha256(self.signed).hexdigest()

    def maker(self, keys: Iterable[Key]) -> Key | None:
        """The one of these keys that the receipt names."""
        return next((key for key in keys if name_of(key) == self.key), None)

    def stands(self, key: Key) -> bool:
        return key.verifies(self.signature, self.signed.decode())


def name_of(key: Key) -> str:
    return f"{key.name}+{key.id.hex()}"


def moment(at: datetime) -> str:
    """RFC 3339 in UTC to the microsecond."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")[:-6] + "Z"


def signed(claim: Claim, signer: Signer) -> dict[str, Any]:
    """The receipt of a claim."""
    said = {"v": VERSION, **asdict(claim), "key": name_of(signer.key)}
    signature = signer.private.sign(envelope.canonical(said))
    return {**said, "signature": base64.b64encode(signature).decode()}


def text(receipt: Mapping[str, Any]) -> str:
    """One line of canonical JSON, as it stands in files."""
    return envelope.canonical(receipt).decode()


def read(given: object) -> Receipt:
    """A receipt from its JSON text or its value; raises NotAReceipt. Whether it is genuine is another question."""
    said = _parsed(given) if isinstance(given, (str, bytes)) else given
    if not isinstance(said, Mapping) or set(said) != _MEMBERS | {"signature"}:
        raise NotAReceipt("a receipt has exactly the members of a receipt")
    rest = {name: value for name, value in said.items() if name != "signature"}
    try:
        signature = base64.b64decode(said["signature"], validate=True)
        data = envelope.canonical(rest)
        claim = Claim(**{name: value for name, value in rest.items() if name not in ("v", "key")})
        _check(claim, said)
    except (Problem, binascii.Error, ValueError, TypeError, RecursionError) as error:
        raise NotAReceipt("a member of the receipt is not what it should be") from error
    return Receipt(claim, said["key"], signature, data)


def _parsed(text: str | bytes) -> Any:
    if len(text) > MOST_BYTES:
        raise NotAReceipt("a receipt is shorter")
    try:
        return json.loads(text, object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        raise NotAReceipt("a receipt is one JSON object") from error


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(dict(pairs)) != len(pairs):
        raise ValueError("a receipt repeats a member")
    return dict(pairs)


def _check(claim: Claim, said: Mapping[str, Any]) -> None:
    texts = (claim.measure, claim.as_of, claim.currency, claim.value, said["key"])
    numbers = (said["v"], claim.definition_version, claim.fx_table_version, claim.ledger_position, claim.deals)
    shaped = all(isinstance(value, str) for value in texts) and all(type(value) is int for value in numbers)
    parts = isinstance(claim.scope, Mapping) and all(
        part is None or isinstance(part, Mapping) for part in (claim.tree_head, claim.rows)
    )
    scored = claim.integrity is None or (type(claim.integrity) is int and 0 <= claim.integrity <= 100)
    if (
        not shaped
        or not scored
        or not parts
        or said["v"] != VERSION
        or datetime.fromisoformat(claim.as_of).tzinfo is None
    ):
        raise ValueError("not the shape of a receipt")
