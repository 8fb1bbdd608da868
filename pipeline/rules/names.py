"""A name as it is kept and found again: what looks the same is written the same."""

from __future__ import annotations

import unicodedata

_JOINERS = "\u200c\u200d"  # they shape letters of some scripts, and emoji


def plain(text: str) -> str:
    """NFC, one space between words, and no sign that nobody sees, such as a mark of direction or a zero-width space.

    Empty for a text that shows nothing.
    """
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    seen = (letter for letter in unicodedata.normalize("NFC", text) if letter.isspace() or _is_seen(letter))
    kept = " ".join("".join(seen).split())
    return kept if kept.strip(_JOINERS) else ""


def _is_seen(letter: str) -> bool:
    return letter in _JOINERS or unicodedata.category(letter) not in ("Cc", "Cf")
