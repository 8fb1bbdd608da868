"""A break between promise, plan and books is an alert of the function that can mend it."""

from __future__ import annotations

from datetime import date, datetime

from django.utils.translation import gettext as _

from governance.commands.alerting import opening
from governance.queries import alert_people
from governance.rules.breaks import SORTS, about
from ledger import words
from ledger.rules import money
from ledger.transactions import step
from pipeline.queries.deals import ref_of


@step
def of_break(
    number: int, deal: int, title: str, unit: str, sort: str, month: date, amount: int, currency: str, now: datetime
) -> int | None:
    """Opens the alert of a break that was just found; tells its owner. Returns its number."""
    facts = {
        "deal": deal, "milestone": None, "key": sort, "function": SORTS[sort].function, "unit": unit, "owner": None,
    }  # fmt: skip
    known = alert_people.opening(about(number), {**facts, "missed": now})
    if known.number is None:
        return None
    stake = [{"period": month, "amount_minor": -amount}]
    body = opening.body_of(known, about(number), now, facts, stake, currency, now) | {"subject": "break"}
    told = {
        "what": SORTS[sort].sentence, "deal": f"{title} ({ref_of(deal)})", "amount": money.text(amount, currency),
        "month": words.month(month), "due": words.day(known.calendar.day_of(body["due"])),
    }  # fmt: skip
    sentence = _("%(deal)s: %(what)s %(amount)s since %(month)s. Explain by %(due)s.") % told
    opening.open_alert(known, body, now, sentence)
    return known.number
