"""The health of an account in words: a figure, its state, and what it is made of."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from governance.queries import touchpoints
from governance.rules import touchpoint as rules

CHIPS = {"healthy": "met", "strained": "waiting", "at-risk": "blocked"}


def word(state: str) -> str:
    return str({"healthy": _("Healthy"), "strained": _("Strained"), "at-risk": _("At risk")}[state])


def of(account: int | None) -> str:
    """`health 65, strained`; empty without an account, and for one that is well."""
    if account is None:
        return ""
    score = touchpoints.health(account).score
    if score == rules.FULL:
        return ""
    return _("health %(score)s, %(state)s") % {"score": score, "state": word(rules.state(score)).lower()}


def card(account: int) -> dict[str, Any]:
    found = touchpoints.health(account)
    state = rules.state(found.score)
    made_of = ngettext("%(n)s open touchpoint", "%(n)s open touchpoints", found.open) % {"n": found.open}
    return {
        "score": found.score,
        "state": CHIPS[state],
        "word": word(state),
        "made_of": made_of if found.open else _("Nothing is open."),
    }
