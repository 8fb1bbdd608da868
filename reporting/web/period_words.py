"""What a period is called on a screen: `Q4 2026`, `Nov 2026`, `2026`, all time. Its address keeps the plain name."""

from __future__ import annotations

from django.utils.translation import gettext as _

from ledger import words
from reporting.rules.periods import Period


def called(period: Period | None) -> str:
    """In running text."""
    return said(period.name) if period else str(_("all time"))


def said(name: str) -> str:
    """`2026-Q4` → Q4 2026; on a tab, `all` is All time."""
    return str(_("All time")) if name == "all" else words.period(name)
