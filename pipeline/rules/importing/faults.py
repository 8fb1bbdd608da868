"""What is wrong with one cell, row or file, in words that mend it. The same words in the CSV, the page and the API."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from ledger.rules.problems import Fault, Problem

REJECTED = "rejected"
KEPT = "kept as unverified"
AS_WRITTEN = "opened as written"
LEFT_OUT = "left out"
FILE_REFUSED = "file refused"

HEADER = ("line", "column", "value", "code", "what", "remedy", "suggestion", "outcome", "file")
_LONGEST_SHOWN = 200
_SPACES = "\u00a0\u2007\u202f\u3000"
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class RowFault:
    """One fault of one cell. `line` is the line of the file as an editor counts it; 0 for the file as a whole."""

    line: int
    column: str
    value: str
    code: str
    what: str
    remedy: str
    suggestion: str = ""
    outcome: str = REJECTED
    file: str = ""

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    def cells(self) -> list[str]:
        """For a CSV that a spreadsheet may open: no cell starts a formula."""
        return [str(self.line or ""), *(_harmless(getattr(self, name)) for name in HEADER[1:])]


def shown(value: str) -> str:
    """A value as people may see it: control characters spelled out, long text shortened."""
    text = "".join(
        letter if letter.isprintable() or letter in _SPACES else letter.encode("unicode_escape").decode()
        for letter in value
    )
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}… ({len(value):,} characters)"


def unreadable(faults: Sequence[RowFault]) -> Problem:
    """The file as a whole cannot be read: 422 with every fault; nothing was changed."""
    detail = " ".join(f"{fault.what} {fault.remedy} [{fault.code}]" for fault in faults)
    named = [
        Fault(f"/{fault.column or 'file'}", fault.code, f"{_place(fault)}{fault.what} {fault.remedy}")
        for fault in faults
    ]
    return Problem(
        "unreadable-file",
        422,
        "The file cannot be read",
        detail,
        named,
        {"faults": [fault.as_dict() for fault in faults]},
    )


def refuse(
    file: str, code: str, what: str, remedy: str, *, line: int = 0, column: str = "", value: str = ""
) -> Problem:
    return unreadable([RowFault(line, column, shown(value), code, what, remedy, "", FILE_REFUSED, file)])


def _place(fault: RowFault) -> str:
    where = f"{fault.file}, line {fault.line}" if fault.line else fault.file
    return f"{where}: " if where else ""


def _harmless(value: str) -> str:
    return f"'{value}" if value.startswith(_FORMULA_STARTS) else value
