"""The closing of a period: who may do what, under which figures, and what each step leaves behind."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Literal

from ledger.rules import money
from ledger.rules.actor import Actor
from pipeline.rules.policy import SIGNERS
from pipeline.rules.seats import SeatView

SIGNING = SIGNERS  # functions whose signature stands under the figures of a month
PREPARING = "finance"
VERIFIED_WITHIN = timedelta(days=7)
State = Literal["open", "soft-closed", "closed"]


def digest(figures: Sequence[Mapping[str, Any]]) -> str:
    """SHA-256 of the figures in canonical JSON (RFC 8785 over the domain of the record)."""
    said = json.dumps(list(figures), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(said.encode()).hexdigest()


def speaks_for(seats: Iterable[SeatView], function: str) -> bool:
    """A period is the company's: who speaks for a function holds it in every unit."""
    return any(seat.function == function and seat.unit is None for seat in seats)


def functions_of(seats: Iterable[SeatView]) -> tuple[str, ...]:
    """What somebody may sign for."""
    held = tuple(seats)
    return tuple(function for function in SIGNING if speaks_for(held, function))


def end_of(month: date) -> date:
    """The first day after the month."""
    return (month + timedelta(days=31)).replace(day=1)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the checklist of a month, as a gate has requirements. `proof` links to what decided it."""

    key: str
    met: bool
    sentence: str
    owner: str  # the function that acts
    remedy: str = ""
    proof: str = ""
    who: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """What the checklist of a month is judged by. Amounts in minor units of the reporting currency."""

    month: date
    today: date
    state: State
    prepared_by: int | None
    figures: str | None  # as prepared and signed
    signatures: Mapping[str, int]
    figures_now: str
    alerts: int
    unexplained: int
    breaks: int  # that are open, of the month and of those before
    breaks_minor: int
    breaks_allowed: int
    reconciled_at: datetime | None  # when the last pass after the end of the month was finished
    currency: str
    expected: int  # open deals that still expect to close in it
    expected_minor: int
    verified_at: datetime | None
    verified_ok: bool
    verified_recently: bool
    names: Mapping[int, str] = field(default_factory=dict)


def checklist(facts: Facts, by: Actor | None = None) -> tuple[Line, ...]:
    """Every line with its reason; the month may be closed by `by` when all are met."""
    return (
        _ended(facts), _prepared(facts), _alerts(facts), _breaks(facts), _expected(facts), _verified(facts),
        _reviewed(facts, by),
        *(_signed(facts, function) for function in SIGNING),
    )  # fmt: skip


def _ended(facts: Facts) -> Line:
    met = facts.today >= end_of(facts.month)
    say = "The month has ended." if met else f"The month ends on {end_of(facts.month) - timedelta(days=1):%d %b %Y}."
    return Line("ended", met, say, PREPARING, "" if met else "Wait for its end: it is closed with all its facts.")


def _prepared(facts: Facts) -> Line:
    if facts.prepared_by is None:
        return Line("prepared", False, "Nobody has prepared the figures yet.", PREPARING, "Prepare the period.")
    who = facts.names.get(facts.prepared_by, "")
    if facts.figures != facts.figures_now:
        say = f"The figures moved since {who or 'somebody'} prepared them."
        return Line("prepared", False, say, PREPARING, "Prepare the period again; it is signed anew.", who=who)
    return Line("prepared", True, f"Prepared by {who or 'somebody'}; nothing has moved since.", PREPARING, who=who)


def _alerts(facts: Facts) -> Line:
    done = facts.alerts - facts.unexplained
    say = f"{done} of {facts.alerts} alerts of the month explained."
    if not facts.alerts:
        say = "The month has no alerts."
    remedy = "" if not facts.unexplained else "Explain each alert: its function does."
    return Line("alerts", not facts.unexplained, say, "operations", remedy, "/alerts/")


def _breaks(facts: Facts) -> Line:
    proof = f"/breaks/?month={facts.month:%Y-%m}"
    if facts.reconciled_at is None:
        say = "Promise, plan and books were not compared since the month ended."
        remedy = "It is done each day; an administrator can have it done at once."
        return Line("breaks", False, say, PREPARING, remedy, proof)
    when = f"{facts.reconciled_at:%d %b %Y, %H:%M} UTC"
    if facts.breaks_minor > facts.breaks_allowed:
        amount = money.text(facts.breaks_minor, facts.currency)
        say = f"Promise, plan and books do not agree: {facts.breaks} open, {amount}."
        return Line("breaks", False, say, PREPARING, "Mend each break and check it again.", proof)
    say = f"Promise, plan and books were compared on {when}, and agree."
    if facts.breaks:
        amount = money.text(facts.breaks_minor, facts.currency)
        say = f"What does not agree, {amount} in {facts.breaks}, is within what is allowed."
    return Line("breaks", True, say, PREPARING, proof=proof)


def _expected(facts: Facts) -> Line:
    """It is said and shuts nothing: what is won later is a fact of the open month, and points back."""
    proof = f"/deals/?close_after={facts.month}&close_before={end_of(facts.month) - timedelta(days=1)}"
    if not facts.expected:
        return Line("expected", True, "No open deal is still expected in the month.", "sales", proof=proof)
    deals = "open deal is" if facts.expected == 1 else "open deals are"
    say = f"{facts.expected} {deals} still expected in it: {money.text(facts.expected_minor, facts.currency)}."
    remedy = "Move the close date or close the deal; until then no forecast counts on it."
    return Line("expected", True, say, "sales", remedy, proof)


def _verified(facts: Facts) -> Line:
    proof = "/ledger/"
    if facts.verified_at is None:
        return Line("verified", False, "The record was not verified yet.", PREPARING, "Verify the record.", proof)
    when = f"{facts.verified_at:%d %b %Y, %H:%M} UTC"
    if not facts.verified_ok:
        say = f"The verification of {when} found a violation."
        return Line("verified", False, say, PREPARING, "Find out what it names; the record must hold.", proof)
    if not facts.verified_recently:
        say = f"The last verification, of {when}, is too old or does not reach the end of the month."
        return Line("verified", False, say, PREPARING, "Verify the record again.", proof)
    return Line("verified", True, f"The record was verified on {when}, and holds.", PREPARING, proof=proof)


def _reviewed(facts: Facts, by: Actor | None) -> Line:
    own = by is not None and facts.prepared_by in by.people
    if own:
        say = "You prepared these figures, so another person of finance closes the month."
        return Line("reviewed", False, say, PREPARING, "Ask another person of finance to review and close it.")
    return Line("reviewed", True, "Who closes the month is not who prepared it.", PREPARING)


def _signed(facts: Facts, function: str) -> Line:
    person = facts.signatures.get(function)
    name = function.capitalize()
    if person is None:
        return Line(f"signed-{function}", False, f"{name} has not signed.", function, f"{name} signs the figures.")
    who = facts.names.get(person, "")
    if facts.figures != facts.figures_now:
        say = f"{who or name} signed figures that have moved since."
        return Line(f"signed-{function}", False, say, function, "Prepare the period again, then sign it.", who=who)
    return Line(f"signed-{function}", True, f"Signed for {function} by {who or 'somebody'}.", function, who=who)
