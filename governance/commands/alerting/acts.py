"""A person answers an alert: acknowledge, explain, commit a date; another person says whether it was kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from governance import permissions
from governance.commands import milestones, replanning
from governance.commands.notifying import telling
from governance.queries import alert_people, alerts, foretold, people
from governance.queries.alerts import AlertRow
from governance.rules import alert as rules
from governance.rules import projected
from governance.rules.alert import Alert
from governance.rules.breaks import SORTS
from governance.rules.capacity import MonthLoad
from ledger.commands.append import Draft, append, lock
from ledger.rules.actor import Actor
from ledger.rules.chain import Chain
from ledger.rules.problems import Fault, bad_input, conflict
from ledger.transactions import command
from pipeline.queries import calendars, seats
from pipeline.rules.seats import SeatView


@dataclass(slots=True)
class Held:
    """An alert whose stream this transaction has locked."""

    row: AlertRow
    chain: Chain
    seats: tuple[SeatView, ...]

    @property
    def alert(self) -> Alert:
        return self.row.alert

    @property
    def now(self) -> datetime:
        """The moment that the next entry will bear."""
        return self.chain.next_moment()

    def next_at(self, state: str, rung: int, rung_at: datetime, promised: datetime | None = None) -> datetime | None:
        return rules.next_at(state, rung, rung_at, self.alert.due_at, self.now, promised)


def _hold(number: int, act: str, by: Actor) -> Held:
    held = seats.of_person(by.person)
    alerts.visible(held, number)
    chain = lock(f"alert/{number}")
    row = alerts.one(number)
    wrong = rules.wrong_state(act, row.alert.state)
    if wrong:
        raise conflict(
            "alert-state", "The alert has moved on", f"{wrong} Read it again. [ALERT-7]", state=row.alert.state
        )
    return Held(row, chain, held)


def _answer(number: int, act: str, by: Actor) -> Held:
    held = _hold(number, act, by)
    others = [name for _person, name in people.holders(held.alert.function, held.alert.unit, without=[by.person])]
    permissions.check(rules.answering(held.seats, held.alert), others)
    return held


def _write(held: Held, kind: str, by: Actor, *, private: dict[str, str] | None = None, **body: Any) -> None:
    append(held.chain, Draft(kind, body, private=private or {}), by=by)


@command
def acknowledge(number: int, *, by: Actor) -> None:
    """Somebody takes it up; writes `alert.acknowledged`. Nothing of it is sent any more, and the ladder rests."""
    held = _answer(number, "acknowledge", by)
    alert = held.alert
    _write(held, "alert.acknowledged", by, next=held.next_at("acknowledged", alert.rung, alert.rung_at))
    telling.acknowledge(f"alert/{number}")


@command
def explain(number: int, cause: str, what: str, *, by: Actor) -> None:
    """Why it happened, by a cause code and in words; writes `alert.explained`."""
    held = _answer(number, "explain", by)
    faults = rules.explanation_faults(cause, what)
    if faults:
        raise bad_input(faults)
    alert = held.alert
    following = held.next_at("explained", alert.rung, alert.rung_at)
    _write(held, "alert.explained", by, private={"what": what.strip()}, cause=cause, next=following)


@command
def commit(number: int, day: date | None, plan: str, *, by: Actor) -> None:
    """A recovery date with its plan; writes `alert.committed`, and `milestone.replanned` or `handshake.replanned` for
    what was missed, so that revenue moves to what was promised. A date that passes unkept opens it one rung higher."""
    owed = _owed(number, by)
    held = _answer(number, "commit", by)
    calendar = calendars.of_unit(held.alert.unit)
    faults = rules.promise_faults(day, plan, held.alert, calendar.day_of(held.now), calendar)
    if faults or day is None:
        raise bad_input(faults)
    alert = held.alert
    following = held.next_at("committed", alert.rung, alert.rung_at, calendar.end_of_work(day))
    _write(held, "alert.committed", by, private={"plan": plan.strip()}, date=day, next=following)
    promised = calendar.end_of_work(day)
    if owed is not None and owed.standing.due_at != promised:
        replanning.move(owed, promised, plan.strip(), by=by)


def _owed(number: int, by: Actor) -> milestones.Held | None:
    """What was missed, under the lock of its deal, which is taken before that of the alert; None if it is not owed."""
    row = alerts.visible(seats.of_person(by.person), number)
    if row.alert.milestone is None or not row.owed:
        return None
    return milestones.hold(row.alert.milestone, "replan", by)


@command
def verify(number: int, kept: bool, *, by: Actor, note: str = "") -> None:
    """Another person says whether it was kept: `alert.closed`, or `alert.reopened` one rung higher with a note.

    Raises separation-of-duties for who owns or answered it, still-owed (409) while what was missed is not done, and
    still-over (409) while what is forecast goes over the ceiling.
    """
    held = _hold(number, "verify", by)
    refusal = rules.verifying(by, held.seats, held.alert, held.row.owner_person)
    near = held.alert.answered_by | {by.person, held.row.owner_person or 0}
    permissions.check(
        refusal, [name for _, name in people.holders(held.alert.counterpart, held.alert.unit, without=near)]
    )
    if kept:
        if not held.row.done:
            say = f"{held.row.milestone} is still owed. It is verified first; then this alert closes. [ALERT-8]"
            if held.row.handshake:
                say = f"{held.row.milestone} is not answered. It is accepted or refused first. [ALERT-11]"
            if held.alert.subject == "break":
                say = "Promise, plan and books still part. Mend it and check the break again. [ALERT-10]"
            raise conflict("still-owed", "Not closed", say)
        seen = {"capacity": projected.facts(_fitting(held))} if held.alert.subject == "capacity" else {}
        _write(held, "alert.closed", by, private={"note": note.strip()}, next=None, **seen)
        telling.acknowledge(f"alert/{number}")
        return
    if not 3 <= len(note.strip()) <= 2000:
        raise bad_input([Fault("/note", "ALERT-9", "Say what was not kept, in 3 to 2,000 characters.")])
    reopen(held.row, held.chain, "not-kept", by, note.strip())


def _fitting(held: Held) -> MonthLoad:
    """The month of an alert of capacity, as forecasts load it now; raises still-over (409) while it goes over. A month
    that has passed is past help."""
    alert = held.alert
    row = foretold.load(alert.unit, projected.month_of(alert.about))
    if projected.still_over(row, calendars.of_unit(alert.unit).day_of(held.now)):
        say = (
            f"{alert.unit} is still {row.over} units over its ceiling in {row.month:%Y-%m}: {row.confirmed} promised"
            f" and {row.wanted} projected, where {row.limit} may be promised. Have an expansion verified for that"
            " month, or lower or move what is forecast; then this alert closes. [ALERT-12]"
        )
        raise conflict("still-over", "Not closed", say, capacity=projected.facts(row))
    return row


def reopen(row: AlertRow, chain: Chain, because: str, by: Actor, note: str = "", **seen: Any) -> None:
    """One rung higher, and whoever stands there is told; `seen` is what the clock looked at."""
    alert, now = row.alert, chain.next_moment()
    rung = min(rules.TOP, alert.rung + 1)
    following = rules.next_at("open", rung, now, alert.due_at, now)
    body = {"because": because, "rung": rung, "next": following, **seen}
    (entry,) = append(chain, Draft("alert.reopened", body, private={"note": note}), by=by)
    climb(row, rung, entry.id, "is open again, on")


def climb(row: AlertRow, rung: int, entry: int, how: str = "has climbed to") -> None:
    """Tells the people of a rung, once for each opening; the counterpart and manager read it in their digest."""
    alert = row.alert
    subject = f"alert/{alert.id}"
    what = row.milestone or (SORTS[alert.key].sentence if alert.subject == "break" else alert.function)
    sentence = f"{alert.ref} {how} rung {rung}: {what}{f', {row.title}' if row.title else ''}."
    telling.reopen(subject)
    audience = alert_people.audience(alert, rung)
    telling.notify(
        subject, rung, audience, sentence, f"/alerts/{alert.ref}/", interrupts=rung != 1, entry=entry, deal=alert.deal
    )
