"""Separation of duties for a person: `check_…` raises with a sentence that says who can instead."""

from __future__ import annotations

from collections.abc import Iterable

from governance.rules.verification import Refusal
from ledger.rules.problems import Problem, forbidden


def check(refusal: Refusal | None, others: Iterable[str] = ()) -> None:
    """403 `separation-of-duties`, naming at most three people who can act instead."""
    if refusal is None:
        return
    names = list(others)
    who = f" {_names(names)} can." if names else ""
    sentence = f"{refusal.sentence}{who} [{refusal.code}]"
    if not refusal.separation:
        raise forbidden(sentence)
    raise Problem("separation-of-duties", 403, "Another person decides this", sentence, extra={"code": refusal.code})


def sentence(refusal: Refusal) -> str:
    """The same words for a page that shows a shut action."""
    return f"{refusal.sentence} [{refusal.code}]"


def _names(names: list[str]) -> str:
    if len(names) <= 2:
        return " and ".join(names)
    return f"{names[0]} and {len(names) - 1} others"
