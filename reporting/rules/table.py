"""A table that can be proven row by row: typed columns, and a digest that each row continues.

Every row carries the beginning of the digest up to and with itself; the last whole digest is what a receipt signs. So
a reader without us finds the first row that differs.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from itertools import zip_longest
from typing import Any, NamedTuple

from ledger.rules import envelope
from ledger.rules.money import DECIMALS, plain

TEXT, MONEY, NUMBER = "text", "money", "number"
PROOF = "proof"
SHOWN = 16  # hex digits of a digest beside a row
Cell = str | int | None
_MONEY = re.compile(r"-?\d{1,18}(?:[.,]\d{1,9})?\Z")
_NUMBER = re.compile(r"-?\d{1,16}(?:\.0+)?\Z")


class Column(NamedTuple):
    name: str
    type: str


@dataclass(frozen=True, slots=True)
class Table:
    """Canonical cells: text, whole numbers, money as decimal text in `currency`, None for what is empty."""

    columns: tuple[Column, ...]
    currency: str
    rows: Sequence[tuple[Cell, ...]]

    def proven(self) -> Iterator[tuple[tuple[Cell, ...], str]]:
        """Each row with its proof."""
        return zip(self.rows, (digest.hex()[:SHOWN] for digest in _chain(self)), strict=True)

    def described(self) -> dict[str, Any]:
        """What a receipt says of the table."""
        digest = _start(self.columns)
        for digest in _chain(self):  # noqa: B007
            pass
        columns = [[column.name, column.type] for column in self.columns]
        return {"columns": columns, "count": len(self.rows), "sha256": digest.hex()}


class Difference(NamedTuple):
    """The first row that is not as it was signed; `expected` is known only where the record was asked."""

    row: int
    found: Sequence[Cell] | None
    expected: Sequence[Cell] | None = None


def _start(columns: Iterable[Column]) -> bytes:
    return hashlib.sha256(envelope.canonical({"columns": [list(column) for column in columns]})).digest()


def _chain(table: Table) -> Iterator[bytes]:
    digest = _start(table.columns)
    for row in table.rows:
        digest = hashlib.sha256(digest + envelope.canonical({"row": list(row)})).digest()
        yield digest


def columns_of(described: Mapping[str, Any]) -> tuple[Column, ...]:
    """The columns that a receipt speaks of; raises ValueError."""
    columns = tuple(Column(str(name), str(kind)) for name, kind in described["columns"])
    if any(column.type not in (TEXT, MONEY, NUMBER) for column in columns):
        raise ValueError("a receipt names a type of column that is none")
    return columns


def cell(column: Column, text: str, currency: str) -> Cell:
    """The canonical cell of a text that has been through a spreadsheet; a text that is no such thing stays as it is."""
    text = text.strip() if column.type != TEXT else text
    if text == "":
        return None
    if column.type == NUMBER and _NUMBER.match(text):
        return int(text.split(".")[0])
    if column.type == MONEY and _MONEY.match(text):
        return _money(text.replace(",", "."), currency)
    return text


def _money(text: str, currency: str) -> str:
    try:
        minor = Decimal(text).scaleb(DECIMALS[currency])
    except (InvalidOperation, KeyError):
        return text
    return plain(int(minor), currency) if minor == minor.to_integral_value() else text


def first_difference(
    table: Table, proofs: Sequence[str], described: Mapping[str, Any], wanted: Table | None = None
) -> Difference | None:
    """None when the table is the one described. `wanted` is the same table asked of the record, where that is known."""
    found = table.described()
    if (found["columns"], found["count"], found["sha256"]) == (
        [list(column) for column in described["columns"]],
        described["count"],
        described["sha256"],
    ):
        return None
    if wanted is not None and wanted.described()["sha256"] == described["sha256"]:
        for number, (have, want) in enumerate(zip_longest(table.rows, wanted.rows), 1):
            if have != want:
                return Difference(number, have, want)
    for number, (row, digest) in enumerate(zip(table.rows, _chain(table), strict=True), 1):
        if number > len(proofs) or proofs[number - 1] != digest.hex()[:SHOWN]:
            return Difference(number, row)
    if len(table.rows) < described["count"]:
        return Difference(len(table.rows) + 1, None)
    # Whoever altered it wrote the proofs anew, too: only the end tells.
    return Difference(0, None)
