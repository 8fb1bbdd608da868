"""Alerts read again from the record: what each came to, and whether each step was lawful."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime

from governance.rules import alert as rules
from governance.rules import alert_due, projected
from governance.rules.alert import Alert
from ledger.rules.actor import SYSTEM_PERSON, Actor
from ledger.rules.envelope import moment
from ledger.rules.replay import Deviation, Entry
from pipeline.rules.calendar import Calendar
from pipeline.rules.replay import Organisation

_ACTS = {"alert.acknowledged": "acknowledge", "alert.explained": "explain", "alert.committed": "commit"}


def after(was: Alert | None, entry: Entry) -> Alert:
    """What an entry makes of an alert."""
    body, at = entry.body, entry.recorded_at
    if was is None:
        return Alert(
            int(entry.stream.split("/")[1]), body["about"], body["subject"], body["milestone"], body["deal"],
            body["key"], body["function"], body["unit"], body["owner"], body["counterpart"], moment(body["missed"]), at,
            moment(body["due"]), body["severity"], moment(body["warned"]) if body["warned"] is not None else None,
            body["stake"], body["stake_minor"], body["currency"], "open", 0, at, _next(entry), entry=entry.id,
        )  # fmt: skip
    now = replace(was, next_at=_next(entry), entry=entry.id)
    match entry.kind:
        case "alert.acknowledged":
            return replace(now, state="acknowledged", acknowledged_by=entry.actor, acknowledged_at=at)
        case "alert.explained":
            return replace(now, state="explained", explained_by=entry.actor, explained_at=at, cause=body["cause"])
        case "alert.committed":
            day = date.fromisoformat(body["date"])
            return replace(now, state="committed", committed_by=entry.actor, committed_at=at, promised_on=day)
        case "alert.closed":
            return replace(now, state="closed", closed_by=entry.actor, closed_at=at)
    rung = min(rules.TOP, was.rung + 1)
    state = "open" if entry.kind == "alert.reopened" else was.state
    return replace(now, state=state, rung=rung, rung_at=at)


def act(was: Alert | None, entry: Entry, organisation: Organisation) -> Iterator[Deviation]:
    """What was unlawful in an entry of an alert, by the seats, calendar and ladder of its moment."""
    if was is None:
        yield from _opened(entry, organisation)
        return
    now = after(was, entry)
    seats = organisation.seats_of(entry.actor, entry.recorded_at)
    if entry.kind in _ACTS:
        wrong = rules.wrong_state(_ACTS[entry.kind], was.state)
        if wrong is not None:
            yield Deviation("state", " or ".join(rules.FOLLOWS[_ACTS[entry.kind]]), was.state)
        if rules.answering(seats, was) is not None:
            yield Deviation("actor", f"somebody who holds {was.function} in {was.unit}", entry.actor)
    elif entry.kind == "alert.closed" or entry.actor != SYSTEM_PERSON:
        owner = organisation.person_of(was.owner_seat) if was.owner_seat is not None else None
        by = Actor(entry.actor, "shell", on_behalf=entry.said["on_behalf"])
        refusal = rules.verifying(by, seats, was, owner)
        if refusal is not None or was.state not in rules.FOLLOWS["verify"]:
            yield Deviation("actor", "somebody who neither owns nor answered it", entry.actor)
        yield from _fits(was, entry, organisation.calendar(was.unit, entry.recorded_at))
    else:
        if was.next_at is None or was.next_at > entry.recorded_at:
            yield Deviation("recorded_at", f"after {was.next_at}", entry.recorded_at)
        if entry.kind == "alert.reopened" and was.subject == "capacity":
            yield from _broken(was, entry, organisation.calendar(was.unit, entry.recorded_at))
    promised = None
    if entry.kind == "alert.committed" and now.promised_on is not None:
        promised = organisation.calendar(was.unit, entry.recorded_at).end_of_work(now.promised_on)
    expected = rules.next_at(now.state, now.rung, now.rung_at, now.due_at, entry.recorded_at, promised)
    if expected != now.next_at:
        yield Deviation("next", expected, now.next_at)


def _opened(entry: Entry, organisation: Organisation) -> Iterator[Deviation]:
    opened = after(None, entry)
    calendar = organisation.calendar(opened.unit, entry.recorded_at)
    answer = alert_due.answer(opened.missed_at, calendar)
    if answer.due_at != opened.due_at:
        yield Deviation("due", answer.due_at, opened.due_at)
    if rules.at_stake(opened.stake) != opened.stake_minor:
        yield Deviation("stake_minor", rules.at_stake(opened.stake), opened.stake_minor)
    if opened.subject == "capacity":
        yield from _excess(opened, entry)
    expected = rules.next_at("open", 0, opened.opened_at, opened.due_at, opened.opened_at)
    if expected != opened.next_at:
        yield Deviation("next", expected, opened.next_at)


def _excess(opened: Alert, entry: Entry) -> Iterator[Deviation]:
    """An alert of capacity says by itself what was projected, what was taken, and what does not fit."""
    said = entry.body["capacity"]
    row = projected.row_of(said)
    if (row.over, row.fulfillable) != (said["over"], said["fulfillable"]) or not row.over:
        yield Deviation("capacity", (row.over, row.fulfillable), (said["over"], said["fulfillable"]))
    about = projected.about(opened.unit, row.month, entry.body["forecast"])
    if about != opened.about:
        yield Deviation("about", about, opened.about)


def _fits(was: Alert, entry: Entry, calendar: Calendar) -> Iterator[Deviation]:
    """An alert of capacity closes after a look, and says what was seen: a month under its ceiling, or one that has
    passed. Those from before there was a look say nothing."""
    said = entry.body.get("capacity")
    if entry.kind != "alert.closed" or was.subject != "capacity" or said is None:
        return
    row, today = projected.row_of(said), calendar.day_of(entry.recorded_at)
    if row.month != projected.month_of(was.about) or projected.still_over(row, today):
        yield Deviation("capacity", "a month under its ceiling", said)


def _broken(was: Alert, entry: Entry, calendar: Calendar) -> Iterator[Deviation]:
    """The clock opens an alert of capacity again after a look, and says what it saw: a month over its ceiling still."""
    said = entry.body.get("capacity")
    if said is not None:
        row, today = projected.row_of(said), calendar.day_of(entry.recorded_at)
        if (row.month, row.over) == (projected.month_of(was.about), said["over"]) and projected.still_over(row, today):
            return
    yield Deviation("capacity", "a month over its ceiling", said)


def _next(entry: Entry) -> datetime | None:
    return None if entry.body.get("next") is None else moment(entry.body["next"])
