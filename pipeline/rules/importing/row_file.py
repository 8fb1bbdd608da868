"""A small file whose rows are judged one by one: what is read of it, and what became of each row."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from ledger.rules.problems import Fault, Problem

MOST_ROWS = 100_000
MOST_ROWS_ONLINE = 5_000
MOST_BYTES = 10 * 2**20
Outcome = Literal["accepted", "unchanged", "rejected"]
Cells = Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class RowFault:
    """What is wrong with one value of a row, with its remedy."""

    column: str
    code: str
    message: str


class LineFault(NamedTuple):
    """The same with where it stands in the file."""

    line: int
    column: str
    value: str
    code: str
    message: str

    def __str__(self) -> str:
        return f"line {self.line}, {self.column} “{self.value}”: {self.message} [{self.code}]"


@dataclass(slots=True)
class Report:
    counts: dict[str, int] = field(
        default_factory=lambda: dict.fromkeys(("read", "accepted", "unchanged", "rejected"), 0)
    )
    faults: list[LineFault] = field(default_factory=list)

    def add(self, line: int, cells: Cells, outcome: Outcome | Sequence[RowFault]) -> None:
        """`outcome`: what became of the row, or why it was rejected."""
        self.counts["read"] += 1
        self.counts[outcome if isinstance(outcome, str) else "rejected"] += 1
        for one in () if isinstance(outcome, str) else outcome:
            said = (cells.get(one.column) or "")[:60]
            self.faults.append(LineFault(line, one.column, said, one.code, one.message))


def rows(data: bytes, columns: Sequence[str], *, most: int = MOST_ROWS) -> list[tuple[int, dict[str, str | None]]]:
    """(line, cells by column) of a CSV in UTF-8 with a header; raises `unreadable-file` for one that is not."""
    if len(data) > MOST_BYTES:
        raise _unreadable("ROW-FILE-1", f"The file is larger than {MOST_BYTES // 2**20} MB. Split it.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _unreadable("ROW-FILE-2", f"Byte {error.start} is no UTF-8. Save the file as CSV UTF-8.") from None
    read = csv.DictReader(io.StringIO(text, newline=""))
    try:
        missing = [name for name in columns if name not in (read.fieldnames or ())]
        if missing:
            say = f"The first line has no column {', '.join(missing)}. It has: {', '.join(columns)}."
            raise _unreadable("ROW-FILE-3", say)
        found: list[tuple[int, dict[str, str | None]]] = []
        for cells in read:
            if len(found) == most:
                raise _unreadable("ROW-FILE-4", f"The file has more than {most} rows. Split it.")
            found.append((read.line_num, {name: cells.get(name) for name in columns}))
    except csv.Error as error:
        raise _unreadable("ROW-FILE-5", f"Line {read.line_num} is no CSV: {error}. Save it again.") from None
    return found


def _unreadable(code: str, say: str) -> Problem:
    return Problem("unreadable-file", 422, "The file cannot be read", f"{say} [{code}]", (Fault("/file", code, say),))
