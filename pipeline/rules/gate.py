"""The gate: a policy and facts in, a decision with every reason out. Pure and total; it never raises."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from cel import Context

from ledger.rules.standing import Standing, Standings, waiver_key
from pipeline.rules import conditions, quality, staleness, terms
from pipeline.rules import gate_words as words
from pipeline.rules.deal import DealView
from pipeline.rules.decision import Decision, RequirementState, Result
from pipeline.rules.policy import Policy, Requirement, RequirementKind, Stage
from pipeline.rules.stage_order import stage_order

HOLD = "hold"  # a standing with this key, or `hold-…`, that is unmet stops every gate

# What the quality test of an input says, as a status.
_JUNK: Mapping[str, words.Word] = {
    quality.MISSING: "missing",
    quality.PLACEHOLDER: "placeholder",
    quality.EMPTY_SIGNS: "placeholder",
}
# Fixed lists: a field added later must not change the hash of a decision of today.
_HASHED_FACTS = (
    *("id", "ref", "stage", "version", "unit", "owner", "policy_version", "account", "amount_minor", "currency"),
    *("close_on", "start_on", "input_at", "credits", "value_minor", "place", "period", "terms"),
)
_HASHED_STANDING = (
    *("key", "effect", "status", "entry_id", "at", "function", "start_by", "due_at", "valid_until", "facts"),
)


def evaluate(
    policy: Policy,
    deal: DealView,
    standings: Standings,
    to_stage: str,
    *,
    now: datetime,
    approvals: frozenset[str] = frozenset(),
) -> Decision:
    """The decision on moving `deal` into `to_stage`: every requirement of that gate with its reason.

    A stage that is unknown or not the next one, or a lost deal or history, gives one unmet result with the key
    `stage-order`. `facts_hash` covers the deal, the standings the gate asked for, approvals and the policy's hash;
    with `now` it is all that a replay needs.
    """
    wrong = stage_order(policy, deal, to_stage)
    stage = policy.stage(to_stage)
    if wrong is not None or stage is None:
        results = (wrong,) if wrong is not None else ()
        digest = facts_hash(policy, deal, {}, to_stage, approvals)
        return Decision(deal.stage, to_stage, policy.version, results, digest)
    return judge(policy, deal, standings, stage, now=now, approvals=approvals)


def judge(
    policy: Policy,
    deal: DealView,
    standings: Standings,
    stage: Stage,
    *,
    now: datetime,
    approvals: frozenset[str] = frozenset(),
) -> Decision:
    """The gate of `stage` and the holds, wherever the deal stands now. Commands ask `evaluate`."""
    approvals |= approved(deal, standings, now)
    case = _Case(policy, deal, standings, words.aware(now), approvals)
    results = tuple(_result(case, requirement) for requirement in stage.gate)
    holds = tuple(_hold(case, standings[key]) for key in sorted(standings) if _is_hold(key, standings[key]))
    asked = {requirement.key for requirement in stage.gate} | {hold.key for hold in holds}
    asked |= {waiver_key(key) for key in asked}
    used = {key: standings[key] for key in asked if key in standings}
    digest = facts_hash(policy, deal, used, stage.key, approvals)
    return Decision(deal.stage, stage.key, policy.version, results + holds, digest)


def approved(deal: DealView, standings: Standings, now: datetime) -> frozenset[str]:
    """Roles whose approval stands: given, not run out, and for the deal as it is now."""
    return frozenset(
        str(standing.facts["role"])
        for standing in standings.values()
        if standing.effect == "met"
        and "role" in standing.facts
        and (standing.valid_until is None or words.aware(standing.valid_until) > words.aware(now))
        and staleness.stale(standing.facts, deal) is None
    )


def is_waived(standing: Standing | None, now: datetime) -> bool:
    """True while a waiver is open. A waiver without an end is open until a later entry closes it."""
    if standing is None or standing.effect != "waived":
        return False
    return standing.valid_until is None or words.aware(standing.valid_until) > words.aware(now)


def judge_one(
    policy: Policy, deal: DealView, standings: Standings, requirement: Requirement, *, now: datetime
) -> Result:
    """One requirement of any gate, wherever the deal stands: is it still owed?"""
    case = _Case(policy, deal, standings, words.aware(now), approved(deal, standings, now))
    return _result(case, requirement)


def facts_hash(
    policy: Policy, deal: DealView, used: Standings, to_stage: str, approvals: frozenset[str] = frozenset()
) -> str:
    """Sha256 hex over the canonical JSON of everything that was judged, except the moment."""
    facts = {name: getattr(deal, name) for name in _HASHED_FACTS}
    facts["inputs"] = terms.inputs(deal)
    facts["lines"] = [[line.product, line.name, line.quantity, line.price_minor] for line in deal.lines]
    standings = {key: {name: getattr(used[key], name) for name in _HASHED_STANDING} for key in used}
    judged = {"deal": facts, "standings": standings, "to": to_stage, "approvals": approvals, "policy": policy.hash}
    return terms.digest(judged)


@dataclass(frozen=True)
class _Case:
    """What one evaluation looks at; the CEL context is built only when an expression asks for it."""

    policy: Policy
    deal: DealView
    standings: Standings
    now: datetime
    approvals: frozenset[str]

    @cached_property
    def seen(self) -> Context | None:
        return conditions.context(self.policy, self.deal, now=self.now, approvals=self.approvals)

    def ended(self, until: datetime | None) -> bool:
        return until is not None and words.aware(until) <= self.now

    def day(self, moment: datetime | None) -> str:
        """“Tue 24 Nov 2026”, in the zone that `now` carries."""
        if moment is None:
            return "an unknown day"
        with suppress(OverflowError):
            moment = words.aware(moment).astimezone(self.now.tzinfo)
        week = words.DAYS[moment.weekday()]
        month = words.MONTHS[moment.month - 1]
        return f"{week} {moment.day} {month} {moment.year}"

    def on(self, standing: Standing | None) -> str:
        return f" on {self.day(standing.at)}" if standing is not None and standing.at is not None else ""


@dataclass(frozen=True, slots=True)
class _Verdict:
    state: RequirementState
    status: str
    message: str
    code: str = ""


def _result(case: _Case, requirement: Requirement) -> Result:
    standing = case.standings.get(requirement.key)
    verdict = _verdict(case, requirement, standing)
    unmet = verdict.state == "unmet"
    if verdict.state == "waived":
        standing = case.standings.get(waiver_key(requirement.key))
    code = verdict.code or words.code(requirement.kind, verdict.status)
    due = None if standing is None else standing.valid_until if verdict.state == "waived" else standing.due_at
    return Result(
        key=requirement.key,
        kind=requirement.kind,
        state=verdict.state,
        status=verdict.status,
        message=verdict.message,
        owner_function=words.owner(requirement),
        remedy=requirement.remedy,
        who=words.who(requirement) if unmet else "",
        due=due if unmet or verdict.state == "waived" else None,
        fact=(standing.entry_id or None) if standing is not None and verdict.state != "not_applicable" else None,
        code=code if unmet else "",
    )


def _verdict(case: _Case, requirement: Requirement, standing: Standing | None) -> _Verdict:
    idle = _not_applicable(case, requirement)
    if idle:
        return _Verdict("not_applicable", "not_applicable", idle)
    judge_kind = _JUDGES.get(requirement.kind, _standing_verdict)
    verdict = judge_kind(case, requirement, standing)
    waiver = case.standings.get(waiver_key(requirement.key))
    if verdict.state == "met" or waiver is None:
        return verdict  # what is met needs no waiver
    name = words.name(case.policy, requirement)
    if is_waived(waiver, case.now):
        until = f" until {case.day(waiver.valid_until)}" if waiver.valid_until else ""
        return _Verdict("waived", "waived", f"{name}: waived{until}, and still owed.")
    if waiver.effect == "waived" and verdict.status in ("not_started", "missing"):
        who = words.title(words.who(requirement))
        say = f"{name}: the waiver ended on {case.day(waiver.valid_until)}. {who} meets it now."
        return _Verdict("unmet", "expired", say)
    return verdict


def _not_applicable(case: _Case, requirement: Requirement) -> str:
    """Why the requirement does not apply, or empty. What cannot be told applies: a gate fails shut."""
    when, limit, value = requirement.applies_when, requirement.above_minor, case.deal.value_minor
    if when and conditions.evaluate(when, case.seen, case.deal).holds is False:
        return f"{words.name(case.policy, requirement)}: does not apply to this deal."
    if requirement.kind == "approval" and limit is not None and value is not None and value <= limit:
        return f"{words.name(case.policy, requirement)}: does not apply, the value is not above the limit."
    return ""


def _input(case: _Case, requirement: Requirement, standing: Standing | None) -> _Verdict:
    field = case.policy.inputs.get(requirement.key)
    if field is None:
        say = f"The policy asks for “{requirement.key}” and does not say what it is. The policy steward mends it."
        return _Verdict("unmet", "blocked", say)
    value = case.deal.fact(field.key)
    fault = quality.test(field, value)
    if fault is not None:
        word = _JUNK.get(fault.code, "rejected")
        tail = f" {words.title(words.who(requirement))} gives it." if word == "missing" else ""
        return _Verdict("unmet", word, fault.message + tail, "" if word == "missing" else fault.code)
    if field.fresh_days is not None:
        given = case.deal.input_at.get(field.key)
        if given is None:
            say = f"{field.name}: the record does not say when this was given. Confirm it."
            return _Verdict("unmet", "stale", say)
        if case.now - words.aware(given) > timedelta(days=field.fresh_days):
            day = case.day(given)
            say = f"{field.name} was last confirmed on {day}, more than {field.fresh_days} days ago. Confirm it."
            return _Verdict("unmet", "stale", say)
    return _Verdict("met", "given", f"{field.name} is given.")


def _standing_verdict(case: _Case, requirement: Requirement, standing: Standing | None) -> _Verdict:
    """Milestone, handshake, capacity and approval: the record decides, while it is valid and not stale."""
    if standing is None or standing.effect != "met":
        return _open(case, requirement, standing)
    if case.ended(standing.valid_until):
        return _say(case, requirement, standing, "expired")
    change = staleness.stale(standing.facts, case.deal)
    if change is not None:
        field = case.policy.inputs.get(change.fact)
        sentence = change.sentence(field.name if field else "")
        return _Verdict("unmet", "stale", f"Was met. {sentence}; needs a new check.")
    until = f", valid until {case.day(standing.valid_until)}" if standing.valid_until else ""
    word = standing.status.replace("_", " ") or "met"
    return _Verdict(
        "met", standing.status or "met", f"{words.name(case.policy, requirement)}: {word}{case.on(standing)}{until}."
    )


def _capacity(case: _Case, requirement: Requirement, standing: Standing | None) -> _Verdict:
    """A reservation that was refused says by how much, and when there is room."""
    if standing is not None and standing.status == "over" and "over" in standing.facts:
        say = f"{words.name(case.policy, requirement)}: {words.over_capacity(standing.facts)}"
        return _Verdict("unmet", "blocked", say)
    return _standing_verdict(case, requirement, standing)


def _handshake(case: _Case, requirement: Requirement, standing: Standing | None) -> _Verdict:
    """One that was refused says from when it could be."""
    if standing is not None and standing.status == "refused" and standing.facts.get("earliest"):
        who, day = words.title(words.who(requirement)), words.day_text(standing.facts["earliest"])
        say = f"{words.name(case.policy, requirement)}: refused{case.on(standing)}. {who} can from {day}; offer that."
        return _Verdict("unmet", "rejected", say)
    return _standing_verdict(case, requirement, standing)


def _attestation(case: _Case, requirement: Requirement, standing: Standing | None) -> _Verdict:
    verdict = _standing_verdict(case, requirement, standing)
    if verdict.state != "met" or standing is None:
        return verdict
    if case.deal.terms and standing.facts.get("terms") == case.deal.terms:
        return verdict
    who = words.title(words.who(requirement))
    say = f"Was met. The terms changed after {who} attested them{case.on(standing)}; {who} attests the terms of today."
    return _Verdict("unmet", "voided", say)


def _condition(case: _Case, requirement: Requirement, standing: Standing | None) -> _Verdict:
    outcome = conditions.evaluate(requirement.expression, case.seen, case.deal)
    if outcome.holds is None:
        return _Verdict("unmet", "missing", outcome.trouble)
    if outcome.holds:
        return _Verdict("met", "met", requirement.sentence)
    return _Verdict("unmet", "blocked", requirement.message or f"Not so: {requirement.sentence}")


_Judge = Callable[[_Case, Requirement, Standing | None], _Verdict]
_JUDGES: Mapping[RequirementKind, _Judge] = {
    "input": _input,
    "attestation": _attestation,
    "condition": _condition,
    "milestone": _standing_verdict,
    "handshake": _handshake,
    "capacity": _capacity,
    "approval": _standing_verdict,
}


def _open(case: _Case, requirement: Requirement, standing: Standing | None) -> _Verdict:
    if standing is None:
        return _say(case, requirement, standing, "not_started")
    return _say(case, requirement, standing, words.WORDS.get(standing.status, "not_started"))


def _say(case: _Case, requirement: Requirement, standing: Standing | None, word: words.Word) -> _Verdict:
    due = standing.due_at if standing is not None else None
    by = f", due {case.day(due)}" if due is not None else ""
    if case.ended(due):
        by = f", overdue since {case.day(due)}"
    elif word == "not_started" and standing is not None and case.ended(standing.start_by):
        by += f", and should have started by {case.day(standing.start_by)}"
    message = words.SENTENCES[word].format(
        name=words.name(case.policy, requirement),
        who=words.title(words.who(requirement)),
        by=by,
        at=case.on(standing),
        until=case.day(standing.valid_until) if standing is not None and standing.valid_until else "its end",
    )
    return _Verdict("unmet", word, message)


def is_hold(key: str) -> bool:
    """A key of a policy never begins so: see policy_schema.py."""
    return key == HOLD or key.startswith(f"{HOLD}-")


def _is_hold(key: str, standing: Standing) -> bool:
    return is_hold(key) and standing.effect != "met"


def _hold(case: _Case, standing: Standing) -> Result:
    waiver = case.standings.get(waiver_key(standing.key))
    waived = is_waived(waiver, case.now)
    decides = waiver if waived and waiver is not None else standing
    who = words.title(standing.function or "the function that placed it")
    reason = f": {standing.facts['reason']}" if standing.facts.get("reason") else ""
    of_account = "The account is on hold" if "of" in standing.facts else "On hold"
    return Result(
        key=standing.key,
        kind="condition",
        state="waived" if waived else "unmet",
        status="waived" if waived else "blocked",
        message="The hold is waived, and still owed."
        if waived
        else f"{of_account} by {who}{case.on(standing)}{reason}.",
        owner_function=standing.function,
        remedy="Settle the reason of the hold; the function that placed it releases it, "
        + ("on the account." if "of" in standing.facts else "on the deal."),
        who="" if waived else standing.function,
        due=decides.valid_until if waived else decides.due_at,
        fact=decides.entry_id or None,
        code="" if waived else "GATE-HOLD-1",
    )
