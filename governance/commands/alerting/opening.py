"""Opens an alert in the transaction of what it is about: the same miss opens one alert, however often it is found."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from governance.commands.notifying import telling
from governance.queries import alert_people
from governance.queries.alert_people import Opening
from governance.rules import alert as rules
from governance.rules import alert_due
from ledger import words
from ledger.commands.append import Appended, Draft, append
from ledger.rules import money
from ledger.rules.actor import SYSTEM
from ledger.rules.chain import Chain
from ledger.rules.envelope import ZERO_HASH, microseconds
from ledger.transactions import step
from pipeline.queries.deals import ref_of


@step
def of_miss(entry: Appended, chain: Chain) -> int | None:
    """An alert about a `milestone.missed`; tells its owner. Returns its number, None when it is open already."""
    said = entry.body
    missed: datetime = said["due"]
    about = f"milestone/{said['milestone']}/{microseconds(missed)}"
    facts = {name: said[name] for name in ("deal", "milestone", "key", "function", "unit", "owner")}
    known = alert_people.opening(about, {**facts, "missed": missed})
    if known.number is None:
        return None
    stake = [dict(part) for part in said["at_stake"]]
    body = body_of(known, about, missed, facts, stake, said.get("currency"), chain.now)
    open_alert(known, body, chain.now, _sentence(known, body))
    return known.number


@step
def of_silence(function: str, unit: str, week: datetime, now: datetime) -> int | None:
    """A function has decided nothing although work waits on it; once in the week that began then."""
    about = f"function/{function}/{unit}/{microseconds(week)}"
    facts = {"deal": None, "milestone": None, "key": "", "function": function, "unit": unit, "owner": None}
    known = alert_people.opening(about, {**facts, "missed": now})
    if known.number is None:
        return None
    body = body_of(known, about, now, facts, [], None, now) | {"subject": "function"}
    said = _("%(function)s in %(unit)s has decided nothing for a week while work waits. Explain by %(due)s.")
    due = words.day(known.calendar.day_of(body["due"]), now.date())
    open_alert(known, body, now, said % {"function": function, "unit": unit, "due": due})
    return known.number


def body_of(
    known: Opening, about: str, missed: datetime, facts: Mapping[str, Any], stake: list[dict[str, Any]],
    currency: str | None, now: datetime,
) -> dict[str, Any]:  # fmt: skip
    answer = alert_due.answer(missed, known.calendar)
    early = rules.is_early(known.warned_at, missed, known.calendar)
    total = rules.at_stake(stake)
    return {
        "about": about,
        "subject": "milestone",
        **{name: facts[name] for name in ("milestone", "deal", "key", "function", "unit")},
        "owner": known.seat,
        "counterpart": rules.counterpart_of(facts["function"]),
        "missed": missed,
        "due": answer.due_at,
        "severity": rules.severity(total, known.high or rules.HIGH_MINOR, warned=early),
        "warned": known.warned_at if early else None,
        "stake": stake,
        "stake_minor": total,
        "currency": currency,
        "next": rules.next_at("open", 0, now, answer.due_at, now),
    }


def open_alert(known: Opening, body: dict[str, Any], now: datetime, sentence: str) -> None:
    fresh = Chain(f"alert/{known.number}", 0, ZERO_HASH, None, now)
    (entry,) = append(fresh, Draft("alert.opened", body), by=SYSTEM)
    audience = [known.person] if known.person is not None else []
    link = f"/alerts/A-{known.number}/"
    telling.notify(f"alert/{known.number}", 0, audience, sentence, link, entry=entry.id, deal=body["deal"])


def _sentence(known: Opening, body: Mapping[str, Any]) -> str:
    """`Missed Tue 10 Nov: credit approved of Northwind. EUR 44,383.56 at stake. Explain by Fri 13 Nov.`"""
    day = words.day(known.calendar.day_of(body["missed"]))
    what = f"{known.milestone}, {known.title} ({ref_of(body['deal'])})"
    value = money.text(body["stake_minor"], body["currency"]) if body["currency"] else _("unpriced")
    due = words.day(known.calendar.day_of(body["due"]))
    said = _("Missed %(day)s: %(what)s. %(value)s at stake. Explain by %(due)s.")
    return said % {"day": day, "what": what, "value": value, "due": due}
