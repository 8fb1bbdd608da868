"""One alert in the words of its page: what is at stake, the three steps, the next rung, and what this reader may do."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from governance import permissions
from governance.queries import breaks, endangered, foretold, what_if
from governance.queries.alerts import AlertRow
from governance.rules import alert as rules
from governance.rules import projected
from governance.rules.alert import Alert
from governance.web import break_words, effects
from ledger import words
from ledger.queries import entries
from ledger.queries.entries import EntryView
from ledger.rules import money
from ledger.rules.actor import Actor
from ledger.web import telling
from pipeline.queries import calendars, people
from pipeline.queries.reading import Reading
from pipeline.rules.calendar import Calendar

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
    day = effects.day_of(asked)
    last = rules.latest_promise(held.opened_at, calendar)
    effect = None
    if held.milestone is not None:
        effect = what_if.of_milestone(held.milestone, day or read.today)
    excess = _excess(found, log, read)
    return {
        "id": held.id,
        "found": found,
        "steps": _steps(found, read, names),
        "step": step,
        "shut": permissions.sentence(refusal) if step and refusal is not None else "",
        "owed": step == "verify" and (not found.done or bool(excess and excess["now_over"])),
        "causes": [(code, code) for code in rules.CAUSES],
        "said": said,
        "stake": [
            {"month": words.month(_period(part["period"])), "value": money.text(part["amount_minor"], held.currency)}
            for part in held.stake
        ],
        "dangers": _dangers(found, read),
        "facts": _facts(found, read),
        "excess": excess,
        "broken": _broken(found, read),
        "standing": effects.standing(effect, read.today) if effect is not None and held.state != "closed" else None,
        "date": day.isoformat() if day else "",
        "day": words.day(day, read.today) if day else "",
        "limit": _limit(day, held, read, calendar) if day and step == "commit" else "",
        "effect": effects.shown(effect) if day and effect is not None and step == "commit" else None,
        "first_day": calendar.after(read.today).isoformat(),
        "latest": words.day(max(last, calendar.after(read.today)), read.today),
        "timeline": [telling.row(one, {}, names, read.zone, read.now) for one in log],
        "request_ids": [uuid.uuid4() for _at in range(3)],
    }


def _limit(day: date, held: Alert, read: Reading, calendar: Calendar) -> str:
    """Why this day cannot be promised: the same sentence that the act itself would answer."""
    told = rules.promise_faults(day, "said below", held, read.today, calendar)
    return f"{told[0].message} [{told[0].code}]" if told else ""


def _excess(found: AlertRow, log: list[EntryView], read: Reading) -> dict[str, Any] | None:
    """Of an alert of capacity: what was projected and what does not fit, as it opened and, while it is open, by now."""
    said = next((one.body.get("capacity") for one in log if one.kind == "alert.opened"), None)
    if not said:
        return None
    now = None
    if found.alert.state != "closed":
        row = foretold.load(found.alert.unit, projected.month_of(found.alert.about))
        now = row.over if projected.still_over(row, read.today) else 0
    load = said["taken"] + said["projected"]
    share = f"{100 * load / said['available']:.1f} %" if said["available"] else _("none")
    return {
        "load": words.count(load), "share": share, "over": words.count(said["over"]),
        "fits": words.count(said["fulfillable"]), "projected": words.count(said["projected"]),
        "part": f"{100 * said['fulfillable'] / said['projected']:.1f} %", "month": str(said["month"])[:7],
        "now": now is not None, "now_over": words.count(now) if now else "",
    }  # fmt: skip


def _broken(found: AlertRow, read: Reading) -> dict[str, Any] | None:
    """Of an alert of a break: what the three functions say, newest first known."""
    if found.alert.subject != "break":
        return None
    number = int(found.alert.about.split("/")[1])
    return break_words.told(breaks.visible(read.seats, number), read)


def _dangers(found: AlertRow, read: Reading) -> list[dict[str, Any]]:
    """The key results and lines of the plan that it endangers, and by how much."""
    told = []
    for one in endangered.of_alert(found, read.visible):
        target, amount = one.danger.target, one.danger.amount
        told.append(
            {
                "title": one.title if one.title != target.measure else one.title.replace("-", " ").capitalize(),
                "url": f"/targets/{target.id}/",
                "where": read.units.get(target.span.unit, target.span.unit) if target.span.unit else _("Company"),
                "period": words.period(target.span.name),
                "amount": money.text(abs(amount), target.currency) if target.currency else words.count(abs(amount)),
                "share": _("%(n)s %% of the way") % {"n": int(one.danger.share * 100)},
                "how": _("linked") if one.danger.linked else _("by what is at stake"),
            }
        )
    return told


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
        if at == 2 and held.state == "closed" and not held.promise_stands:
            state = "skipped"  # what was missed was done by then
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
    warned = words.moment(held.warned_at, read.zone, read.now, gap=False)
    missed = words.moment(held.missed_at, read.zone, read.now)
    happened = _("Missed") if held.subject == "milestone" else _("Found")
    shown = [
        (_("Owner"), found.owner or functions.get(held.function, held.function)),
        (_("Counterpart"), functions.get(held.counterpart, held.counterpart)),
        (happened, missed["text"] if isinstance(missed, dict) else ""),
        (_("Severity"), {"low": _("low"), "medium": _("medium"), "high": _("high")}[held.severity]),
        (_("Early warning given?"), _("yes, %s: severity lowered") % warned["text"] if isinstance(warned, dict)
         else _("no")),
        (_("Rung"), f"{held.rung}"),
        (_("Next rung"), _next_rung(held, read)),
        (_("Cause"), held.cause or "—"),
        (_("Recovery date"), _promise(held, read)),
    ]  # fmt: skip
    return [{"label": label, "value": value} for label, value in shown]


def _promise(held: Alert, read: Reading) -> str:
    """The day that is promised; one of a round before was not kept."""
    if held.promised_on is None:
        return "—"
    day = words.day(held.promised_on, read.today)
    return day if held.promise_stands else _("%(day)s, not kept") % {"day": day}


def _next_rung(held: Alert, read: Reading) -> str:
    """Whom it calls next, and when."""
    climbs = words.moment(held.next_at, read.zone, read.now)
    if not isinstance(climbs, dict):
        if held.state == "closed":
            return _("none: it is closed")
        return _("none: it has climbed all the way") if held.rung == rules.TOP else _("none")
    when = f"{climbs['text']} ({climbs['relative']})"
    if held.state == "committed":
        return _("%(when)s, unless it is done by then") % {"when": when}
    names = read.functions
    who = {
        1: _("%(counterpart)s and the manager") % {"counterpart": names.get(held.counterpart, held.counterpart)},
        2: _("the executive of %(function)s") % {"function": names.get(held.function, held.function)},
    }[held.rung + 1]
    return _("%(who)s, %(when)s") % {"who": who, "when": when}
