"""What the buckets of a bridge are called."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext as _


def labels() -> Mapping[str, str]:
    """Short: they stand under the bars of a waterfall."""
    return {
        "won": _("Won"),
        "under_waiver": _("Waived"),
        "lost": _("Lost"),
        "slipped": _("Slipped"),
        "pulled_out": _("Pulled out"),
        "unpriced": _("Unpriced"),
        "transferred": _("Transfer"),
        "policy_change": _("Definition"),
        "prior_period": _("Prior period"),
        "new": _("New"),
        "pulled_in": _("Pulled in"),
        "slipped_in": _("Slipped in"),
        "reopened": _("Re-opened"),
        "returned": _("Returned"),
        "amount": _("Amount"),
        "currency": _("Currency"),
    }


def meaning(name: str) -> str:
    return {
        "won": _("booked, under the one definition"),
        "under_waiver": _("booked under waiver, which is not booked"),
        "lost": _("lost, with a reason code"),
        "slipped": _("expected to close later than this period"),
        "pulled_out": _("expected to close before this period"),
        "unpriced": _("amount, rate or close was taken away"),
        "transferred": _("given to, or taken over from, another unit"),
        "policy_change": _("another definition holds"),
        "prior_period": _("a fact of a closed period"),
        "new": _("opened or first valued in between"),
        "pulled_in": _("was expected later than this period"),
        "slipped_in": _("was expected before this period"),
        "reopened": _("was lost, or imported history, before"),
        "returned": _("was booked, and stepped back or was de-booked"),
        "amount": _("another amount, at the rate of the beginning"),
        "currency": _("another exchange rate"),
    }.get(name, "")


def because(name: str) -> str:
    return {
        "milestone_miss": _("after a missed milestone"),
        "crisis": _("in a crisis"),
        "other": _("without a missed milestone"),
    }.get(name, name)


def all_moved() -> dict[str, str]:
    """Lists of all that moved, whatever its bucket."""
    return {"moved": _("Moved by"), "churn": _("Gross churn")}
