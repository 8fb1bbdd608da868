"""Signs what a query claims: the receipt of a page, an answer or a file. And judges one that comes back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ledger.notify import receipt_key
from ledger.queries import keys
from reporting.exports import csv_file, xlsx_file
from reporting.queries import verdicts
from reporting.queries.verdicts import NOT_OURS, Verdict
from reporting.rules import certified_files, receipt
from reporting.rules.certified import Certified
from reporting.rules.receipt import Claim, NotAReceipt
from reporting.rules.table import Table

FORMATS = {"csv": (csv_file.content, csv_file.TYPE), "xlsx": (xlsx_file.content, xlsx_file.TYPE)}


def signed(claim: Claim) -> dict[str, Any]:
    return receipt.signed(claim, receipt_key.signers()[0])


def file(form: str, table: Table, claim: Claim) -> tuple[bytes, str]:
    """(bytes, media type) of a certified table."""
    content, kind = FORMATS[form]
    return content(table, signed(claim)), kind


def judged(given: bytes | Mapping[str, Any], *, now: datetime, name: str = "file") -> Verdict:
    """The verdict on a file, or on the value of a receipt."""
    try:
        found = certified_files.read(name, given) if isinstance(given, bytes) else Certified(receipt.read(given))
    except NotAReceipt as why:
        return Verdict(NOT_OURS, why=str(why))
    known = keys.history(keys.RECEIPTS)
    # A key signs from its first moment on, and is announced some seconds later.
    every = {one.key for one in known} | {signer.key for signer in receipt_key.signers()}
    return verdicts.judge(found, now=now, keys=every, retired={one.key for one in known if one.retired_at})
