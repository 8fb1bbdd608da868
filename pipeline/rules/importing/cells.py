"""Single cells: text that is only text, days, and amounts."""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from ledger.rules.money import to_minor
from ledger.rules.problems import Fault
from pipeline.rules.given import EARLIEST, LATEST

LONGEST_TEXT = 200
LONGEST_ID = 100
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_NUMBER = re.compile(r"[+-]?\d+([.,]\d+)*\Z", re.ASCII)
_PLAIN = re.compile(r"\d+(\.\d+)?\Z", re.ASCII)
_THOUSANDS = re.compile(r"\D{0,4}\d{1,3}(,\d{3})+(\.\d+)?\D{0,4}\Z", re.ASCII)
_DAY = re.compile(r"\d{4}-\d\d-\d\d\Z", re.ASCII)
_OTHER_DAY = re.compile(r"(\d{1,2})[./-](\d{1,2})[./-](\d{4})\Z", re.ASCII)


class Bad(NamedTuple):
    """Why a cell cannot be taken."""

    code: str
    what: str
    remedy: str
    suggestion: str = ""


def text_fault(field: str, value: str) -> Bad | None:
    """A formula, a control character such as NUL, or more text than the field takes."""
    if not value:
        return None
    if value[0] in "=@+-" and not _NUMBER.match(value):
        return Bad(
            "IMPORT-FORMULA-1", f"{field} starts like a formula.", "Put its value, not the formula, into the file."
        )
    if not value.isprintable() and (found := _CONTROL.search(value)):
        what = f"{field} holds the control character U+{ord(found[0]):04X}."
        return Bad("IMPORT-CONTROL-1", what, "Remove it; a cell is one line of text.")
    most = LONGEST_ID if field == "opportunity_id" else LONGEST_TEXT
    if len(value) > most:
        what = f"{field} has {len(value):,} characters; {most} are the most."
        return Bad("IMPORT-LONG-1", what, "Shorten it; a quote or a separator may be missing.")
    return None


@lru_cache(maxsize=20_000)
def day(value: str) -> date | Bad:
    """A day in ISO 8601 between 2000 and 2100. An order of day and month that only fits one way is suggested."""
    try:
        found = date.fromisoformat(value) if _DAY.match(value) else None
    except ValueError:
        return Bad("IMPORT-DATE-1", f"There is no day {value}.", "Check it in the source.")
    if found is None:
        return Bad("IMPORT-DATE-1", "This is not a day.", "Write it as 2016-11-30.", _turned(value))
    if not EARLIEST <= found <= LATEST:
        return Bad("IMPORT-DATE-2", f"{found} is outside {EARLIEST.year} to {LATEST.year}.", "Check the year.")
    return found


def _turned(value: str) -> str:
    parts = _OTHER_DAY.match(value)
    if not parts:
        return ""
    one, two, year = (int(part) for part in parts.groups())
    days, month = (one, two) if one > 12 else (two, one)
    if days <= 12 and days != month:
        return ""  # 03.04.2017 may be either: nobody guesses
    try:
        return date(year, month, days).isoformat()
    except ValueError:
        return ""


def amount(value: str, currency: str, *, zero: bool = False) -> int | Bad:
    """Minor units of an amount above zero (or of zero, where that is allowed)."""
    if value.startswith("-") and _NUMBER.match(value):
        return Bad(
            "IMPORT-VALUE-2", "The amount is negative.", "Give what the deal was worth; take value back by a loss."
        )
    if not _PLAIN.match(value):
        meant = re.sub(r"[^\d.]", "", value) if _THOUSANDS.match(value) else ""
        return Bad("IMPORT-VALUE-1", "This is not an amount.", "Write digits and a point, such as 1054.50.", meant)
    if zero and not value.strip("0."):
        return 0
    minor = to_minor(value, currency)
    if isinstance(minor, Fault):
        return Bad(minor.code, minor.message, "Check the amount in the source.")
    return minor
