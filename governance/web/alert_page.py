"""One alert in the words of its page: what is at stake, the three steps, the next rung, and what this reader may do."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from governance import permissions
from governance.queries import alert_effects
from governance.queries.alerts import AlertRow
from governance.rules import alert as rules
from ledger import words
from ledger.queries import entries
from ledger.rules import money
from ledger.rules.actor import Actor
from ledger.web import telling
from pipeline.queries import calendars, people
from pipeline.queries.reading import Reading

STEPS = ("acknowledge", "explain", "commit", "verify")


def context(found: AlertRow, read: Reading, by: Actor, asked: str) -> dict[str, Any]:
    held = found.alert
    calendar = calendars.of_unit(held.unit)
    log = entries.timeline(f"alert/{held.id}", limit=50)
    said = {
        name: next((one.private[name] for one in log if name in one.private), "") for name in ("what", "plan", "note")
    }
    names = people.names([one.actor for one in log])
    answers = rules.answering(read.seats, held)
    judge = rules.verifying(by, read.seats, held, found.owner_person)
    step = next((act for act in STEPS if held.state in rules.FOLLOWS[act]), "")
    if held.state == "explained" and found.done and answers is not None:
        step = "verify"
    refusal = judge if step == "verify" else answers
    day = _day(asked)
    return {
        "id": held.id,
        "found": found,
        "steps": _steps(found, read, names),
        "step": step,
        "shut": permissions.sentence(refusal) if step and refusal is not None else "",
        "owed": step == "verify" and not found.done,
        "causes": [(code, code) for code in rules.CAUSES],
        "said": said,
        "stake": [
            {"month": words.month(_period(part["period"])), "value": money.text(part["amount_minor"], held.currency)}
            for part in held.stake
        ],
        "facts": _facts(found, read),
        "date": day.isoformat() if day else "",
        "effect": alert_effects.of(found, day, read.company.currency) if day and step == "commit" else None,
        "first_day": calendar.after(read.today).isoformat(),
        "last_day": rules.latest_promise(held.opened_at, calendar).isoformat(),
        "timeline": [telling.row(one, {}, names, read.zone, read.now) for one in log],
        "request_ids": [uuid.uuid4() for _at in range(2)],
    }


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _period(value: Any) -> date:
    return value if isinstance(value, date) else date.fromisoformat(str(value)[:10])


def _steps(found: AlertRow, read: Reading, names: dict[int, str]) -> list[dict[str, Any]]:
    held = found.alert
    done = [
        (_("Acknowledge"), held.acknowledged_by, held.acknowledged_at),
        (_("Explain"), held.explained_by, held.explained_at),
        (_("Commit a date"), held.committed_by, held.committed_at),
        (_("Verified by another person"), held.closed_by, held.closed_at),
    ]
    reached = rules.STATES.index(held.state)
    told = []
    for at, (label, who, when) in enumerate(done):
        state = "done" if at < reached else "current" if at == reached else "todo"
        text = ""
        if state == "done" and who is not None:
            moment = words.moment(when, read.zone, read.now, gap=False)
            text = f"{names.get(who, '')}, {moment['text'] if isinstance(moment, dict) else ''}"
        elif state == "current" and at < 3:
            due = words.moment(held.due_at, read.zone, read.now)
            text = _("due %(due)s") % {"due": due["text"] if isinstance(due, dict) else ""}
        told.append({"label": label, "state": state, "text": text})
    return told


def _facts(found: AlertRow, read: Reading) -> list[dict[str, Any]]:
    held, functions = found.alert, read.functions
    climbs = words.moment(held.next_at, read.zone, read.now)
    warned = words.moment(held.warned_at, read.zone, read.now, gap=False)
    missed = words.moment(held.missed_at, read.zone, read.now)
    shown = [
        (_("Owner"), found.owner or functions.get(held.function, held.function)),
        (_("Counterpart"), functions.get(held.counterpart, held.counterpart)),
        (_("Missed"), missed["text"] if isinstance(missed, dict) else ""),
        (_("Severity"), {"low": _("low"), "medium": _("medium"), "high": _("high")}[held.severity]),
        (_("Early warning given?"), _("yes, %s: severity lowered") % warned["text"] if isinstance(warned, dict)
         else _("no")),
        (_("Rung"), f"{held.rung}"),
        (_("Next look by the clock"), f"{climbs['text']} ({climbs['relative']})" if isinstance(climbs, dict) else
         _("none")),
        (_("Cause"), held.cause or "—"),
        (_("Recovery date"), words.day(held.promised_on, read.today) if held.promised_on else "—"),
    ]  # fmt: skip
    return [{"label": label, "value": value} for label, value in shown]
