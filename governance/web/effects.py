"""What a day would do, in words: for components/effect.html."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from governance.queries.what_if import Effect
from ledger import words
from ledger.rules import money
from pipeline.queries.deals import ref_of


def shown(found: Effect) -> dict[str, Any]:
    """headline, rows[] (month, now, then, less), life, notes[]."""
    deals = ngettext("touches %(n)s deal", "touches %(n)s deals", found.deals) % {"n": found.deals}
    if found.outcome is None:
        return {"headline": _value(found), "rows": [], "notes": [deals]}
    one, currency = found.outcome, found.currency

    def text(amount: int) -> str:
        return money.text(amount, currency)

    notes = [deals]
    if one.starts_on is not None:
        notes.append(_("delivery starts %(day)s") % {"day": words.day(one.starts_on)})
    if one.forgone:
        notes.append(_("%(value)s is lost for good") % {"value": text(one.forgone)})
    return {
        "headline": text(-one.moved_out) if one.moved_out else text(0),
        "down": one.moved_out > 0,
        "says": _("leaves its months") if one.moved_out else _("nothing moves: as it was agreed"),
        "life": _("%(value)s over life") % {"value": text(one.life)},
        "rows": [
            {
                "month": words.month(month),
                "now": text(one.now.get(month, 0)),
                "then": text(one.then.get(month, 0)),
                "less": one.then.get(month, 0) < 0,
            }
            for month in one.months
        ],
        "notes": notes,
    }


def standing(found: Effect, today: date) -> dict[str, Any] | None:
    """How the revenue of the deal stands now: headline, down, says, url; None when none hangs on the milestone."""
    one = found.outcome
    if one is None:
        return None
    says = _("leaves its months now, %(value)s over life") % {
        "value": money.text(sum(one.now.values()), found.currency)
    }
    if one.cause is not None:
        says += "; " + _("expected %(day)s") % {"day": words.day(one.cause.expected, today)}
    return {
        "headline": money.text(-one.out_now, found.currency),
        "down": one.out_now > 0,
        "says": says,
        "estimate": one.cause is not None and one.cause.estimate,
        "url": reverse("deal-variance", args=[ref_of(found.deal)]),
    }


def _value(found: Effect) -> str:
    if found.value_minor is None or found.month is None:
        return _("No money moves: the deal is unpriced, or closes in no month yet.")
    told = {"value": money.text(found.value_minor, found.currency), "month": words.month(found.month)}
    return _("%(value)s stays in %(month)s.") % told if found.stays else _("%(value)s moves to %(month)s.") % told


def day_of(text: str) -> date | None:
    """A day that a form holds; None for what is none."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
