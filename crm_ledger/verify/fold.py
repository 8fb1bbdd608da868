"""One stream read from its first entry to its last: what it says of its deal, and whether each step was lawful."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from crm_ledger.verify import rights
from crm_ledger.verify.said import Said
from governance.rules import alert_replay as alerts
from governance.rules import break_replay as breaks
from governance.rules import deadline_replay as deadlines
from governance.rules import handshake as handshakes
from governance.rules import hold_replay as holds
from governance.rules import lawful as duties
from governance.rules import target_replay, turn, waiting_replay
from governance.rules import touchpoint as touchpoints
from governance.rules import turn_replay as turns
from governance.rules import waiver_replay as waivers
from governance.rules.alert import Alert
from governance.rules.breaks import Break
from governance.rules.hold_replay import Holds
from governance.rules.target_replay import Goal
from governance.rules.touchpoint import Touchpoints
from governance.rules.turn_replay import Turns
from governance.rules.waiver_replay import Waivers
from ledger.rules import replay
from ledger.rules.money import convert
from ledger.rules.replay import Chain, Deviation, Entry, Held
from pipeline.queries.organisation import Company
from pipeline.rules import derived, move_replay
from pipeline.rules import lawful as gates
from pipeline.rules import replay as deals
from pipeline.rules.deal import DealView
from pipeline.rules.stay_replay import Stays
from reporting.rules import billing
from reporting.rules import lawful as revenue
from reporting.rules.billing import Known
from reporting.rules.forecast import replay as forecasts
from reporting.rules.forecast.months import Months
from reporting.rules.forecast.replay import Forecasts
from reporting.rules.lawful import Book
from reporting.rules.sharing import Shared

GOALS = tuple(f"{sort}/" for sort in target_replay.STREAMS)


@dataclass(slots=True)
class Stream:
    """`after` is the last full state that an entry of a deal stated."""

    id: str
    chain: Chain = field(default_factory=Chain)
    last: Entry | None = None
    standings: dict[str, Held] = field(default_factory=dict)
    after: Mapping[str, Any] | None = None
    entered: datetime | None = None
    opened: datetime | None = None
    terms_entry: int = 0  # since which the present terms stand
    evidence: dict[str, list[tuple[int, str]]] = field(default_factory=dict)
    stays: Stays = field(default_factory=Stays)
    waiting: waiting_replay.Waiting = field(default_factory=waiting_replay.Waiting)
    waivers: Waivers = field(default_factory=dict)
    holds: Holds = field(default_factory=dict)
    turns: Turns = field(default_factory=Turns)
    touchpoints: Touchpoints = field(default_factory=dict)
    alert: Alert | None = None
    broken: Break | None = None
    goal: Goal = field(default_factory=Goal)
    revenue: Book = field(default_factory=Book)
    billing: list[tuple[Entry, Known]] = field(default_factory=list)
    forecasts: Forecasts = field(default_factory=Forecasts)
    months: Months = field(default_factory=Months)
    shared: Shared = field(default_factory=Shared)

    @property
    def number(self) -> int:
        return int(self.id.split("/")[1])

    def take(self, entry: Entry) -> None:
        """Moves on; call after `judge`."""
        self.last = entry
        before = self.standings.get(entry.body.get("key", ""))
        held = self._undone(entry, before) or replay.standing(entry, before)
        if held is not None:
            self.standings[held.standing.key] = held
        self.turns.take(entry, before)
        if entry.kind == "evidence.added":
            pieces = self.evidence.setdefault(entry.body["key"], [])
            pieces += [(entry.actor, digest) for digest in entry.said["evidence"]]
        if entry.stream.startswith("alert/"):
            self.alert = alerts.after(self.alert, entry)
        if entry.stream.startswith("break/"):
            self.broken = breaks.after(self.broken, entry)
        if entry.stream.startswith(GOALS):
            self.goal.take(entry)
        if entry.kind in waivers.KINDS and self.after is not None:
            waivers.take(self.waivers, entry, self.after["unit"])
        if entry.kind in holds.KINDS:
            holds.take(self.holds, entry)
        if entry.kind in touchpoints.KINDS:
            touchpoints.take(self.touchpoints, entry)
        self.revenue.take(entry)
        if entry.kind in billing.KINDS:
            one = Known(billing.KINDS[entry.kind], entry.body["amount_minor"], entry.body["value_minor"])
            self.billing.append((entry, one))
        self.forecasts.take(entry)
        self.months.take(entry)
        self.shared.take(entry)
        after = entry.after
        if after is not None:
            if self.after is None:
                self.opened = entry.effective_at
            if self.after is None or self.after["stage"] != after["stage"]:
                self.entered = entry.recorded_at
            if self.after is None or self.after["terms"] != after["terms"]:
                self.terms_entry = entry.id
            self.after = after
            assert self.entered is not None
            self.stays.take(entry, self.entered)
        self.waiting.take(entry, self.standings, self.after)

    def _undone(self, entry: Entry, now: Held | None) -> Held | None:
        decided = self.turns.decided.get(entry.body.get("key", "")) if entry.kind == turn.UNDONE else None
        return None if decided is None or now is None else replay.undone(decided.before, now)

    def view(self, version: int, organisation: Said, private: Mapping[str, str]) -> DealView | None:
        if self.after is None or self.entered is None:
            return None
        return deals.view(self.number, version, self.after, self.entered, organisation, private)


@dataclass(frozen=True, slots=True)
class Judge:
    """Everything beside the stream itself that a judgement needs."""

    organisation: Said
    company: Company

    def derived(self, stream: Stream, entry: Entry, private: Mapping[str, str]) -> Iterator[Deviation]:
        """Postings that are not what the rules derive."""
        was, now = self._views(stream, entry, private)
        if now is not None:
            policy = self.organisation.policy(now.policy_version)
            today = self.company.day_of(entry.recorded_at)
            closed = self.organisation.periods.closed
            yield from derived.deviations(policy, was, now, entry, self.company.currency, today, closed)

    def varied(self, stream: Stream, entry: Entry, private: Mapping[str, str]) -> Iterator[Deviation]:
        """What an entry moves in the books of revenue and billings, and the rules would not have."""
        yield from revenue.strays(entry)
        yield from billing.strays(entry)
        if entry.kind in billing.KINDS:
            yield from self._billed(stream, entry, private)
        if entry.kind not in revenue.KINDS:
            return
        was = stream.view(entry.seq - 1, self.organisation, private)
        if was is not None:
            policy = self.organisation.policy(was.policy_version)
            standings = {key: held.standing for key, held in stream.standings.items()}
            yield from revenue.deviations(
                policy, was, standings, stream.revenue, entry, self.company.currency, self.company.timezone,
                self.organisation.periods.closed,
            )  # fmt: skip

    def _billed(self, stream: Stream, entry: Entry, private: Mapping[str, str]) -> Iterator[Deviation]:
        was = stream.view(entry.seq - 1, self.organisation, private)
        if was is None:
            yield Deviation("billing", "a deal that is open", None)
            return
        seats = self.organisation.seats_of(entry.actor, entry.recorded_at)
        known = [one for _entry, one in stream.billing]
        closed = self.organisation.periods.closed
        yield from billing.deviations(entry, was, known, seats, self.company.currency, closed)

    def lawful(self, stream: Stream, entry: Entry, private: Mapping[str, str]) -> Iterator[Deviation]:
        """What was not lawful in an entry of a deal, by the policy, seats and standings of its moment."""
        was, now = self._views(stream, entry, private)
        organisation = self.organisation
        if now is not None:
            bound = organisation.policies.get(now.policy_version)
            if was is None and (bound is None or bound.published_at is None or bound.published_at > entry.recorded_at):
                yield Deviation("policy_version", "a policy published by then", now.policy_version)
                return
            yield from gates.movement(organisation.policy(now.policy_version), was, now, entry)
            if entry.kind in ("booking.recorded", "deal.repriced"):
                yield from self._priced(now, entry)
        if entry.kind in rights.JUDGED:
            yield from rights.actor(was, entry, organisation.seats_of(entry.actor, entry.recorded_at))
        if was is None:
            return
        policy = organisation.policy(was.policy_version)
        standings = {key: held.standing for key, held in stream.standings.items()}
        if entry.kind in gates.DECISIONS:
            yield from gates.decision(policy, was, standings, entry)
        elif entry.kind == "deal.rebound" and now is not None:
            yield from move_replay.deviations(organisation, was, now, standings, entry)
        elif entry.kind in duties.JUDGED:
            yield from duties.act(policy, was, standings, entry, organisation, stream.evidence)
        elif entry.kind in duties.STEPS:
            yield from duties.step(policy, was, standings, entry, organisation)
        elif entry.kind in forecasts.KINDS:
            yield from forecasts.deviations(policy, was, standings, stream.forecasts, entry, self.company.timezone)
        elif entry.kind in waivers.KINDS:
            yield from waivers.act(policy, was, standings, entry, organisation, stream.waivers)
        elif entry.kind in turns.KINDS:
            yield from turns.act(was, standings, entry, organisation, stream.turns, stream.evidence)
        elif entry.kind in deadlines.KINDS:
            yield from deadlines.act(policy, was, standings, entry)
        elif entry.kind in handshakes.KINDS:
            yield from handshakes.act(policy, was, standings, entry, organisation)
        elif entry.kind in holds.OF_DEAL:
            yield from holds.on_deal(was, entry, organisation, stream.holds, organisation.holds)

    def _priced(self, now: DealView, entry: Entry) -> Iterator[Deviation]:
        """A booking is valued at the rate of its day."""
        if now.amount_minor is None or now.currency is None:
            return
        today = self.company.day_of(entry.recorded_at)
        rate = self.organisation.rate(now.currency, today, entry.recorded_at)
        if now.currency == self.company.currency:
            expected: int | None = now.amount_minor
        else:
            expected = None if rate is None else convert(now.amount_minor, now.currency, rate, self.company.currency)
        if expected != now.value_minor:
            yield Deviation("value_minor", expected, now.value_minor)

    def _views(
        self, stream: Stream, entry: Entry, private: Mapping[str, str]
    ) -> tuple[DealView | None, DealView | None]:
        was = stream.view(entry.seq - 1, self.organisation, private)
        if entry.after is None:
            return was, None
        entered = entry.recorded_at if was is None or was.stage != entry.after["stage"] else was.stage_entered_at
        assert entered is not None
        return was, deals.view(stream.number, entry.seq, entry.after, entered, self.organisation, private)
