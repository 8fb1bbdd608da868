"""Opens an alert in the transaction of what it is about: the same miss opens one alert, however often it is found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from governance.commands.notifying import telling
from governance.queries import alert_people
from governance.queries.alert_people import Opening
from governance.rules import alert as rules
from governance.rules import alert_due
from ledger import words
from ledger.commands.append import Appended, Draft, append_many
from ledger.rules import money
from ledger.rules.actor import SYSTEM
from ledger.rules.chain import Chain
from ledger.rules.envelope import ZERO_HASH, microseconds
from ledger.transactions import step
from pipeline.queries.deals import ref_of


@step
def of_misses(entries: Sequence[tuple[Appended, Chain]]) -> None:
    """An alert about each `milestone.missed` and `handshake.missed` that has none; tells its owner. As many statements
    as for one."""
    asked = []
    for entry, _chain in entries:
        facts = {name: entry.body[name] for name in ("deal", "milestone", "key", "function", "unit", "owner")}
        facts["counterpart"] = entry.body.get("counterpart")
        missed: datetime = entry.body["due"]
        asked.append((f"milestone/{facts['milestone']}/{microseconds(missed)}", {**facts, "missed": missed}))
    fresh = []
    for (entry, chain), (about, facts), known in zip(entries, asked, alert_people.openings(asked), strict=True):
        if known.number is not None:
            stake = [dict(part) for part in entry.body["at_stake"]]
            currency = entry.body.get("currency")
            body = body_of(known, about, facts["missed"], facts, stake, currency, chain.now)
            fresh.append(Fresh(known, body, chain.now, _sentence(known, body, entry.body)))
    open_alerts(fresh)


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
        "counterpart": facts.get("counterpart") or rules.counterpart_of(facts["function"]),
        "missed": missed,
        "due": answer.due_at,
        "severity": rules.severity(total, known.high or rules.HIGH_MINOR, warned=early),
        "warned": known.warned_at if early else None,
        "stake": stake,
        "stake_minor": total,
        "currency": currency,
        "next": rules.next_at("open", 0, now, answer.due_at, now),
    }


class Fresh(NamedTuple):
    """An alert that opens: who answers, what its entry says, and what its owner is told."""

    known: Opening
    body: Mapping[str, Any]
    now: datetime
    sentence: str


def open_alert(known: Opening, body: dict[str, Any], now: datetime, sentence: str) -> None:
    open_alerts([Fresh(known, body, now, sentence)])


def open_alerts(fresh: Sequence[Fresh]) -> None:
    batch = [
        (Chain(f"alert/{one.known.number}", 0, ZERO_HASH, None, one.now), [Draft("alert.opened", one.body)])
        for one in fresh
    ]
    telling.tell(
        telling.Word(entry.stream, 0, one.known.person, one.sentence, f"/alerts/A-{one.known.number}/", True, entry.id,
                     one.body["deal"])
        for one, entry in zip(fresh, append_many(batch, by=SYSTEM), strict=True) if one.known.person is not None
    )  # fmt: skip


def _sentence(known: Opening, body: Mapping[str, Any], miss: Mapping[str, Any]) -> str:
    """`Missed Tue 10 Nov: credit approved of Northwind. EUR 44,383.56 at stake. Explain by Fri 13 Nov.`"""
    day = words.day(known.calendar.day_of(body["missed"]))
    what = f"{known.milestone}, {known.title} ({ref_of(body['deal'])})"
    value = money.text(body["stake_minor"], body["currency"]) if body["currency"] else _("unpriced")
    due = words.day(known.calendar.day_of(body["due"]))
    said = _("Missed %(day)s: %(what)s. %(value)s at stake. Explain by %(due)s.")
    if miss["requirement"] == "handshake":
        said = (
            _("Not answered by %(day)s: %(what)s. %(value)s at stake. Explain by %(due)s.")
            if miss["state"] == "offered"
            else _("Not offered by %(day)s: %(what)s. %(value)s at stake. Explain by %(due)s.")
        )
    return said % {"day": day, "what": what, "value": value, "due": due}
