"""A file with a table and its receipt, as rows of text: what is written, and how it is read again.

Header, rows, an empty row, and a last row of two cells: the word `receipt` and the receipt. Below the integrity that
certifies, a row before it says `not certified`; the receipt says the score, so taking the stamp away hides nothing.
Text that a spreadsheet would run as a formula is guarded by an apostrophe; numbers never are, so a minus sign stays a
minus sign.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from pipeline.rules.integrity import CERTIFIED
from reporting.rules import receipt as receipts
from reporting.rules.receipt import NotAReceipt, Receipt, certified
from reporting.rules.table import PROOF, TEXT, Cell, Column, Table, cell, columns_of

WORD = "receipt"
STAMP = "not certified"
_DANGEROUS = tuple("=+-@\t\r\n'＝＋－＠")


class Certified(NamedTuple):
    """A file that was read: its receipt, and its table unless the file is the receipt alone."""

    receipt: Receipt
    table: Table | None = None
    proofs: Sequence[str] = ()


def guarded(text: str) -> str:
    """What a spreadsheet shows and does not run."""
    return f"'{text}" if text.startswith(_DANGEROUS) else text


def unguarded(text: str) -> str:
    """The inverse of `guarded`; also right for a text that lost its guard on the way."""
    return text[1:] if text.startswith("'") and text[1:].startswith(_DANGEROUS) else text


def lines(table: Table, receipt: Mapping[str, Any]) -> Iterator[tuple[tuple[Column, Cell], ...]]:
    """Every row of the file, each cell with the column that says how to write it."""
    plain = Column("", TEXT)
    yield tuple((plain, name) for name in (*(column.name for column in table.columns), PROOF))
    for row, proof in table.proven():
        yield (
            *((column, _shown(column, value)) for column, value in zip(table.columns, row, strict=True)),
            (plain, proof),
        )
    yield ()
    if not certified(receipt["integrity"]):
        say = f"integrity {receipt['integrity']} of 100; a certified number has {CERTIFIED}"
        yield (plain, STAMP), (plain, say)
    yield (plain, WORD), (plain, receipts.text(receipt))


def _shown(column: Column, value: Cell) -> Cell:
    return guarded(value) if column.type == TEXT and isinstance(value, str) else value


def read(rows: Sequence[Sequence[str]]) -> Certified:
    """The inverse of `lines`, from the texts of a file; raises NotAReceipt when there is none in it."""
    end = next((at for at in reversed(range(len(rows))) if rows[at] and rows[at][0].strip() == WORD), None)
    if end is None or len(rows[end]) < 2:
        raise NotAReceipt("the file ends without a receipt")
    receipt = receipts.read(rows[end][1].strip())
    described = receipt.claim.rows
    if described is None:
        raise NotAReceipt("the receipt is not one of a table")
    try:
        columns = columns_of(described)
        int(described["count"]), str(described["sha256"])
    except (KeyError, TypeError, ValueError) as error:
        raise NotAReceipt("the receipt does not say what its table is") from error
    stamped = end > 0 and bool(rows[end - 1]) and rows[end - 1][0].strip() == STAMP
    body = [row for row in (*rows[: end - stamped], *rows[end + 1 :]) if any(text.strip() for text in row)]
    header = [text.strip() for text in body[0]] if body else []
    places = [header.index(name) if name in header else -1 for name in (*(c.name for c in columns), PROOF)]
    found = [[row[at] if 0 <= at < len(row) else "" for at in places] for row in body[1:]]
    currency = receipt.claim.currency
    cells = [tuple(_cell(column, text, currency) for column, text in zip(columns, row, strict=False)) for row in found]
    return Certified(receipt, Table(columns, currency, cells), [row[-1].strip() for row in found])


def _cell(column: Column, text: str, currency: str) -> Cell:
    return cell(column, unguarded(text) if column.type == TEXT else text, currency)
