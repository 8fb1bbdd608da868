"""Keys that sign receipts, announced so that anybody who has the record can check one."""

from __future__ import annotations

from ledger.commands import keys
from ledger.notify import receipt_key
from ledger.queries.keys import RECEIPTS
from ledger.rules.actor import SYSTEM
from ledger.rules.checkpoint import Key


def announce() -> list[Key]:
    """Writes `key.announced` and `key.retired` as the file of this machine says; nothing when the record knows."""
    return keys.announce(receipt_key.signers(), by=SYSTEM, stream=RECEIPTS)


def rotate() -> list[Key]:
    """A new key signs from now on; the old one stays announced until `retire`."""
    receipt_key.signers()
    keys.rotate(receipt_key.file())
    return announce()


def retire() -> list[Key]:
    """Ends the overlap: from now on a receipt of an older key is genuine only where the record says the same."""
    keys.retire(receipt_key.file())
    return announce()
