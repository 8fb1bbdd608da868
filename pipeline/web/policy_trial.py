"""A trial of a policy in the words of its page: who would be blocked and released, and who will have to act."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ledger.rules import money
from pipeline.queries import trials
from pipeline.queries.reading import Reading
from pipeline.queries.trials import Trialled
from pipeline.rules.policy import Policy
from pipeline.rules.trial import Outcome

SHOWN = 50


def shape(policy: Policy, read: Reading) -> dict[str, Any]:
    """For pipeline/policy_trial.html."""
    found = trials.run(policy)
    blocked, released = found.today.of("blocked"), found.today.of("released")
    before, currency = found.before, read.company.currency
    return {
        "line": " · ".join(
            (
                ngettext("%(n)s newly blocked", "%(n)s newly blocked", len(blocked)) % {"n": len(blocked)},
                ngettext("%(n)s released", "%(n)s released", len(released)) % {"n": len(released)},
                _("booked unchanged"),
                ngettext("%(n)s verifier short", "%(n)s verifiers short", len(found.short)) % {"n": len(found.short)},
            )
        ),
        "judged": found.today.judged,
        "whole": found.today.whole,
        "booked": found.today.booked,
        "groups": [
            _group(_("Newly blocked"), "blocked", blocked, found, read),
            _group(_("Released"), "met", released, found, read),
        ],
        "short": [f"{name}, {read.units.get(unit, unit)}" for name, unit in found.short],
        "days": found.days,
        "before": _("%(blocked)s of %(steps)s gates passed would have stayed shut: %(deals)s deals, %(value)s.") % {
            "blocked": before.blocked, "steps": before.steps, "deals": before.deals,
            "value": money.text(before.value_minor, currency),
        },
        "keys": [{"label": key, "value": count} for key, count in list(before.by_key.items())[:8]],
        "cost": found.cost.sentence(),
    }  # fmt: skip


def _group(title: str, state: str, rows: list[Outcome], found: Trialled, read: Reading) -> dict[str, Any]:
    return {
        "title": title,
        "state": state,
        "count": len(rows),
        "value": money.text(found.value(rows), read.company.currency),
        "rows": [_row(row, found.acting.get(row.deal, ()), read) for row in rows[:SHOWN]],
        "more": max(0, len(rows) - SHOWN),
    }


def _row(row: Outcome, acting: Iterable[str], read: Reading) -> dict[str, Any]:
    return {
        "title": row.title,
        "ref": row.ref,
        "url": reverse("deal", args=[row.ref]),
        "unit": read.units.get(row.unit, row.unit),
        "stage": row.stage,
        "value": "" if row.value_minor is None else money.text(row.value_minor, read.company.currency),
        "why": [one.message for one in row.open],
        "acting": ", ".join(acting),
    }
