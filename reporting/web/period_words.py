"""What a period is called on a screen: `Q4 2026`, `Nov 2026`, `2026`, all time. Its address keeps the plain name."""

from __future__ import annotations

from datetime import date

from django.utils.translation import gettext as _

from ledger import words
from reporting.rules.periods import Period


def called(period: Period | None) -> str:
    """In running text."""
    return said(period.name) if period else str(_("all time"))


def said(name: str) -> str:
    """`2026-Q4` → Q4 2026; on a tab, `all` is All time."""
    if name == "all":
        return str(_("All time"))
    year, _dash, part = name.partition("-")
    if part.startswith("Q"):
        return f"{part} {year}"
    return words.month(date(int(year), int(part), 1)) if part else year
