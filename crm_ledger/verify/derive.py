"""The rows of each state table as they follow from the record: one function a table, read by state.py."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import astuple, fields
from typing import Any
from uuid import UUID

from crm_ledger.verify.fold import Stream
from crm_ledger.verify.said import Said
from governance.rules import pools
from governance.rules import touchpoint as touchpoint_rules
from governance.rules.targets import Objective, Target
from ledger.rules import replay
from ledger.rules.replay import Entry
from pipeline.rules.replay import Organisation, PolicyRow, day

Row = tuple[Any, ...]
STANDING_COLUMNS = (
    "requirement", "effect", "status", "entry_id", "actor", "at", "function", "preparer", "start_by", "due_at",
    "valid_until", "facts", "first_due_at", "late_at", "missed_at",
)  # fmt: skip
DEAL_COLUMNS = (
    "deal_id", "version", "entry_id", "stage", "stage_entered_at", "opened_at", "policy_version", "unit", "owner_id",
    "account_id", "amount_minor", "currency", "value_minor", "place", "period", "close_on", "start_on", "terms",
    "terms_entry", "inputs", "lines", "credits", "input_at",
)  # fmt: skip

ALERT_COLUMNS = (
    "id", "about", "subject", "milestone_id", "deal_id", "key", "function", "unit", "owner_seat", "counterpart",
    "missed_at", "opened_at", "due_at", "severity", "warned_at", "stake", "stake_minor", "currency", "state", "rung",
    "rung_at", "next_at", "cause", "promised_on", "acknowledged_by", "acknowledged_at", "explained_by", "explained_at",
    "committed_by", "committed_at", "closed_by", "closed_at", "entry_id",
)  # fmt: skip
BILLING_COLUMNS = ("deal_id", "day", "amount_minor", "currency", "value_minor", "recorded_at", "entry_id")
PERIOD_COLUMNS = (
    "stream", "state", "prepared_by", "prepared_at", "figures", "signatures", "closed_by", "closed_at", "version",
    "restated_figures", "restating", "entry_id",
)  # fmt: skip
WAIVER_COLUMNS = (
    "deal_id", "key", "reason", "unit", "requester", "requester_function", "requested_at", "valid_until",
    "value_minor", "state", "approver", "approver_function", "decided_at", "closed_at", "entry_id",
)  # fmt: skip

GOAL_COLUMNS = (
    "version", "period", "first", "until", "unit", "wording", "set_by", "set_at", "state", "entry_id",
)  # fmt: skip


TOUCHPOINT_COLUMNS = (
    "account_id", "kind", "weight", "function", "logged_by", "logged_as", "logged_at", "settled_by", "settled_at",
    "entry_id",
)  # fmt: skip
HOLD_COLUMNS = (
    "deal_id", "account_id", "key", "function", "reason", "placed_by", "placed_at", "of_hold", "released_by",
    "released_at", "entry_id",
)  # fmt: skip


def head(stream: Stream) -> Iterator[Row]:
    yield stream.id, stream.chain.version, stream.chain.head, stream.chain.at


def standings(stream: Stream) -> Iterator[Row]:
    for key, held in stream.standings.items():
        values = (getattr(held.standing, name) for name in STANDING_COLUMNS[1:])
        yield stream.id, key, held.requirement, *values


def deal(stream: Stream) -> Iterator[Row]:
    after, last = stream.after, stream.last
    if after is None or last is None or not stream.id.startswith("deal/"):
        return
    yield (
        stream.id, stream.number, last.seq, last.id, after["stage"], stream.entered, stream.opened,
        after["policy_version"], after["unit"], after["owner"], after["account"], after["amount_minor"],
        after["currency"], after["value_minor"], after["place"], day(after["period"]), day(after["close_on"]),
        day(after["start_on"]), after["terms"], stream.terms_entry, after.get("inputs", {}), after.get("lines", []),
        after.get("credits", []), after.get("input_at", {}),
    )  # fmt: skip


def stays(stream: Stream) -> Iterator[Row]:
    for one in stream.stays.rows:
        yield (
            stream.id, one.from_entry, stream.number, *one.state[:5], one.entered_at, *one.state[5:], one.from_at,
            one.until_at, one.until_entry,
        )  # fmt: skip


def waiting(stream: Stream) -> Iterator[Row]:
    for one in stream.waiting.rows:
        yield (
            stream.id, one.function, one.from_entry, stream.number, one.unit, one.value_minor, one.from_at,
            one.until_at, one.until_entry,
        )  # fmt: skip


def alerts(stream: Stream) -> Iterator[Row]:
    if stream.alert is not None:
        yield stream.id, *(getattr(stream.alert, field.name) for field in fields(stream.alert))


def breaks(stream: Stream) -> Iterator[Row]:
    if stream.broken is not None:
        number, *rest = astuple(stream.broken)
        yield stream.id, number, *rest


def revenue(stream: Stream) -> Iterator[Row]:
    book = stream.revenue
    if book.entry:
        yield stream.id, stream.number, book.state, book.through, book.look_on, book.agreed_entry, book.entry


def waivers(stream: Stream) -> Iterator[Row]:
    for number, waiver in stream.waivers.items():
        yield stream.id, number, stream.number, *astuple(waiver)[1:]


def forecasts(stream: Stream) -> Iterator[Row]:
    for row in stream.forecasts.said:
        yield stream.id, row.entry, stream.number, *row.columns


def pushes(stream: Stream) -> Iterator[Row]:
    for entry, push, stage in stream.forecasts.pushed:
        yield stream.id, entry, stream.number, push.at, push.was, push.now, push.boundary, stage


def holds(stream: Stream) -> Iterator[Row]:
    for hold in stream.holds.values():
        yield stream.id, *astuple(hold)


def turns(stream: Stream) -> Iterator[Row]:
    for turn in stream.turns.held.values():
        yield stream.id, *astuple(turn)


def touchpoints(stream: Stream) -> Iterator[Row]:
    for touchpoint in stream.touchpoints.values():
        yield stream.id, *astuple(touchpoint)


def health(stream: Stream) -> Iterator[Row]:
    if stream.touchpoints:
        weights = [one.weight for one in stream.touchpoints.values() if one.open]
        last = max(one.entry for one in stream.touchpoints.values())
        yield stream.id, stream.number, touchpoint_rules.health(weights), len(weights), last


def passages(stream: Stream) -> Iterator[Row]:
    for visit in stream.forecasts.visits:
        entry, *columns = astuple(visit)
        yield stream.id, entry, stream.number, *columns


def locks(stream: Stream) -> Iterator[Row]:
    yield from ((stream.id, *row) for row in stream.months.locks)


def sharing(stream: Stream) -> Iterator[Row]:
    now = stream.shared.now
    if now.entry:
        yield stream.id, stream.number, now.coach, now.given_at, now.noted_at, now.entry


def looks(stream: Stream) -> Iterator[Row]:
    yield from ((stream.id, *row) for row in stream.shared.looks)


def calls(stream: Stream) -> Iterator[Row]:
    yield from ((stream.id, *row) for row in stream.months.calls)


def postings(entry: Entry) -> Iterator[Row]:
    if entry.said and "postings" in entry.body:
        for line in replay.postings(entry):
            yield entry.id, entry.recorded_at, *line


def seats(said: Organisation) -> Iterator[Row]:
    for number, s in said.seats.items():
        yield number, s.person, s.function, s.unit, s.role, s.from_at, s.until_at, s.reports_to, s.entry_id


def holidays(said: Organisation) -> Iterator[Row]:
    for (unit, on), (name, entry) in said.holidays.items():
        yield unit, on, name, entry


def rates(said: Organisation) -> Iterator[Row]:
    for (currency, on), (rate, entry) in said.rates.items():
        yield currency, on, rate, entry


def billings(stream: Stream) -> Iterator[Row]:
    for entry, one in stream.billing:
        said = entry.body
        yield (
            stream.id, one.sort, said["number"], stream.number, day(said["day"]), one.amount, said["currency"],
            one.value, entry.recorded_at, entry.id,
        )  # fmt: skip


def periods(said: Said) -> Iterator[Row]:
    for month, p in said.periods.held.items():
        yield month, *(getattr(p, name) for name in PERIOD_COLUMNS)


def snapshots(said: Said) -> Iterator[Row]:
    yield from said.periods.snapshots


def policies(said: Organisation) -> Iterator[Row]:
    for version, p in said.policies.items():
        yield version, p.name, p.hash, dict(p.document), p.drafted_at, p.drafted_by, p.published_at


def stages(said: Organisation) -> Iterator[Row]:
    for version, row in _published(said):
        for place, stage in enumerate(row.document["stages"]):
            yield version, stage["key"], place


def requirements(said: Organisation) -> Iterator[Row]:
    """As the trigger of a publication reads them out of the document (organisation_trigger.sql)."""
    for version, row in _published(said):
        owners = {one["key"]: one["owner_function"] for one in row.document["milestones"]}
        for stage in row.document["stages"]:
            for need in stage["gate"]:
                conditional = bool(need.get("applies_when")) or "above_minor" in need
                function = _function(need, owners)
                yield version, stage["key"], need["key"], need["kind"], need["key"], function, conditional


def _function(need: Mapping[str, Any], owners: Mapping[str, str]) -> str:
    """What stands under a milestone's key belongs to the function that its template names."""
    template = owners.get(need["key"]) if need["kind"] in ("milestone", "handshake") else None
    return template or need.get("function") or need.get("owner_function") or ""


def _published(said: Organisation) -> Iterator[tuple[int, PolicyRow]]:
    return ((version, row) for version, row in said.policies.items() if row.published_at is not None)


def capacity_months(said: Said) -> Iterator[Row]:
    for at, p in said.capacity.pools.items():
        yield (
            *at, pools.stream(*at), p.base, p.expanded, p.ceiling, p.promised, p.soft, p.confirmed,
            said.capacity.entries[at],
        )  # fmt: skip


def reservations(said: Said) -> Iterator[Row]:
    for deal_id, held in said.capacity.held.items():
        for (unit, month), row in held.items():
            yield deal_id, unit, month, *row


def expansions(said: Said) -> Iterator[Row]:
    for number, r in said.capacity.expansions.items():
        yield (
            number, r.unit, r.units, r.ordered_on, r.lead_days, r.counts_from, r.state, r.ordered_by, r.ordered_at,
            r.verified_by, r.verified_at, r.entry_id,
        )  # fmt: skip


def _goal(one: Objective | Target) -> Row:
    span = one.span
    wording = None if one.wording is None else UUID(one.wording)
    return (
        one.id, one.version, span.name, span.first, span.until, span.unit, wording, one.set_by, one.set_at, one.state,
        one.entry,
    )  # fmt: skip


def objectives(stream: Stream) -> Iterator[Row]:
    if stream.goal.objective is not None:
        yield stream.id, *_goal(stream.goal.objective), stream.goal.objective.owner


def targets(stream: Stream) -> Iterator[Row]:
    one = stream.goal.target
    if one is not None:
        yield stream.id, *_goal(one), one.purpose, one.objective, one.measure, one.base, one.goal, one.currency


def target_links(stream: Stream) -> Iterator[Row]:
    for link in stream.goal.links.values():
        yield stream.id, link.target, link.deal, link.key, link.amount, link.state, link.entry
