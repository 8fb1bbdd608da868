"""What a person types into a search box → a condition that an index can answer."""

from __future__ import annotations

import re
from typing import Any

from ledger.rules.money import DECIMALS

LONGEST = 100
_WORDS = re.compile(r"\w+")
_REF = re.compile(r"\s*[dD]-(\d{1,15})\s*\Z", re.ASCII)

# Currencies without decimals, and those with three; every other has two.
WHOLE = [code for code, places in DECIMALS.items() if places == 0]
MILLI = [code for code, places in DECIMALS.items() if places == 3]

# Word beginnings of title or account name (full text), and the beginning of the title as it is written.
_MATCHES = """s.deal_id IN (
    SELECT id FROM pipeline_deal WHERE to_tsvector('simple', title) @@ to_tsquery('simple', %(words)s)
    UNION SELECT id FROM pipeline_deal WHERE lower(title) LIKE %(start)s
    UNION SELECT deal_id FROM pipeline_dealstate WHERE account_id IN (
        SELECT id FROM pipeline_account WHERE to_tsvector('simple', name) @@ to_tsquery('simple', %(words)s)))"""


def condition(text: str) -> tuple[str, dict[str, Any]]:
    """(SQL over the state `s`, values): a ref is that deal; words match word beginnings, all of them."""
    ref = _REF.match(text)
    if ref:
        return "s.deal_id = %(number)s", {"number": int(ref[1])}
    words = _WORDS.findall(text[:LONGEST])[:8]
    if not words:
        return "false", {}
    start = text.strip()[:LONGEST].lower().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return _MATCHES, {"words": " & ".join(f"{word}:*" for word in words), "start": f"{start}%"}
