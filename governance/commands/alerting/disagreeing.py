"""A break between promise, plan and books is an alert of the function that can mend it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from governance.commands.alerting import opening
from governance.queries import alert_people
from governance.queries.alert_people import Opening
from governance.rules.breaks import SORTS, Found, about
from ledger import words
from ledger.rules import money
from ledger.transactions import step
from pipeline.queries.deals import ref_of


@step
def of_breaks(found: Sequence[Found], now: datetime) -> None:
    """Opens the alert of each break that was just found; tells its owner. As many statements as for one."""
    asked = [(about(one.number), _facts(one, now)) for one in found]
    fresh = []
    for one, (what, facts), known in zip(found, asked, alert_people.openings(asked), strict=True):
        if known.number is not None:
            stake = [{"period": one.month, "amount_minor": -one.amount}]
            body = opening.body_of(known, what, now, facts, stake, one.currency, now) | {"subject": "break"}
            fresh.append(opening.Fresh(known, body, now, _sentence(one, known, body)))
    opening.open_alerts(fresh)


def _facts(one: Found, now: datetime) -> dict[str, Any]:
    return {
        "deal": one.deal, "milestone": None, "key": one.sort, "function": SORTS[one.sort].function, "unit": one.unit,
        "owner": None, "missed": now,
    }  # fmt: skip


def _sentence(one: Found, known: Opening, body: dict[str, Any]) -> str:
    told = {
        "what": SORTS[one.sort].sentence, "deal": f"{one.title} ({ref_of(one.deal)})",
        "amount": money.text(one.amount, one.currency), "month": words.month(one.month),
        "due": words.day(known.calendar.day_of(body["due"])),
    }  # fmt: skip
    return _("%(deal)s: %(what)s %(amount)s since %(month)s. Explain by %(due)s.") % told
