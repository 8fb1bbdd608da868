"""What a person types into a search box → a condition that an index can answer."""

from __future__ import annotations

import re
from typing import Any

from ledger.rules.money import DECIMALS

LONGEST = 100
_WORDS = re.compile(r"\w+")
_REF = re.compile(r"\s*[dD]-(\d{1,15})\s*\Z", re.ASCII)

# Word beginnings of title or account name (full text), and the beginning of the title as it is written.
_MATCHES = """s.deal_id IN (
    SELECT id FROM pipeline_deal WHERE to_tsvector('simple', title) @@ to_tsquery('simple', %s)
    UNION SELECT id FROM pipeline_deal WHERE lower(title) LIKE %s
    UNION SELECT deal_id FROM pipeline_dealstate WHERE account_id IN (
        SELECT id FROM pipeline_account WHERE to_tsvector('simple', name) @@ to_tsquery('simple', %s)))"""


def condition(text: str) -> tuple[Any, ...]:
    """(SQL over the state `s`, values): a ref is that deal; words match word beginnings, all of them."""
    ref = _REF.match(text)
    if ref:
        return "s.deal_id = %s", int(ref[1])
    words = _WORDS.findall(text[:LONGEST])[:8]
    if not words:
        return ("false",)
    query = " & ".join(f"{word}:*" for word in words)
    start = text.strip()[:LONGEST].lower().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return _MATCHES, query, f"{start}%", query


def odd_currencies() -> tuple[list[str], list[str]]:
    """Currencies without decimals, and those with three."""
    return (
        [code for code, places in DECIMALS.items() if places == 0],
        [code for code, places in DECIMALS.items() if places == 3],
    )
