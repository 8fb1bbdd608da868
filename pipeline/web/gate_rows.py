"""A decision in the words of the screens: rows of the gate box and the one thing that holds a card."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ledger import words
from ledger.rules.standing import Standing
from pipeline.queries import policies
from pipeline.queries.deals import Deal
from pipeline.queries.reading import Reading
from pipeline.rules import booked, gate, staleness
from pipeline.rules.decision import Decision, Result
from pipeline.rules.policy import Policy

ORDER = (
    "blocked", "rejected", "missed", "revoked", "stale", "expired", "waiting", "not_started", "opens_later", "waived",
    "met",
)  # fmt: skip
_STATES = {"missing": "not_started", "placeholder": "rejected", "voided": "stale", "not_applicable": "met"}
_SAID_BY_CHIP = ("waiting", "not_started", "missing")  # who and when stand in the row already
Action = Callable[[Result, str], Mapping[str, Any] | None]


def decide(deal: Deal, read: Reading) -> Decision | None:
    """The gate to the next stage, judged in the company's own zone; None in the last stage and when closed.

    Into the last stage the one definition of booked is asked; what it finds beside the gate shows only when it holds.
    """
    policy = policies.version(deal.view.policy_version)
    following = policy.next_stage(deal.view.stage)
    if following is None:
        return None
    now = read.now.astimezone(ZoneInfo(read.zone))
    if following.key != policy.stages[-1].key:
        return gate.evaluate(policy, deal.view, deal.standings, following.key, now=now)
    decision = booked.judge(policy, deal.view, deal.standings, now)
    asked = {rule.key for rule in following.gate}
    return replace(decision, results=tuple(one for one in decision.results if one.key in asked or one.state != "met"))


def state(result: Result, decision: Decision) -> str:
    """The state chip of a requirement. An attestation is waited for once what it signs is
    verified; it may come before."""
    if result.state != "unmet":
        return _STATES.get(result.status, result.state) if result.state != "met" else "met"
    word = _STATES.get(result.status, result.status)
    if result.kind == "attestation" and word == "not_started":
        others = any(other.holds and other.kind != "attestation" for other in decision.results)
        return "opens_later" if others else "waiting"
    return word if word in ORDER else "not_started"


def name(policy: Policy, result: Result) -> str:
    """The short name of a requirement: what cards and rows call it."""
    template = policy.milestones.get(result.key)
    field = policy.inputs.get(result.key) if result.kind == "input" else None
    if template or field:
        return (template or field).name  # type: ignore[union-attr]
    if result.kind == "attestation":
        return _("Attestation of %(function)s") % {"function": result.owner_function}
    rules = (rule for stage in policy.stages for rule in stage.gate if rule.key == result.key)
    rule = next(rules, None)
    return rule.sentence.rstrip(". ") if rule else result.message.split(":")[0].rstrip(". ")


def who(result: Result, deal: Deal, read: Reading, owner_name: str) -> dict[str, str]:
    """A person or a queue: nothing waits on nobody. The owner of the deal gives its facts."""
    function = result.who or result.owner_function
    if result.kind in ("input", "condition") and function != "" and not gate.is_hold(result.key):
        return {"name": owner_name, "kind": "person"}
    place = read.units.get(deal.view.unit, deal.view.unit)
    return {"name": f"{read.functions.get(function, function)}: {place}", "kind": "queue"}


def rows(
    policy: Policy, decision: Decision, deal: Deal, read: Reading, owner_name: str, action: Action | None = None,
    actors: Mapping[int, str] | None = None,
) -> list[dict[str, Any]]:  # fmt: skip
    """Every requirement, what holds the deal first."""
    told = []
    for result in decision.results:
        word = state(result, decision)
        standing = deal.standings.get(result.key)
        row: dict[str, Any] = {
            "key": result.key,
            "kind": result.kind,
            "state": word,
            "message": name(policy, result),
            "who": who(result, deal, read, owner_name),
            "due": _due(result, standing, read),
            "detail": "",
        }
        if result.state == "not_applicable":
            row |= {"word": _("Not needed"), "due": ""}
        elif result.state == "met":
            row |= _met(result, standing, read, owner_name, actors or {})
        elif result.status == "missing":
            row["word"] = _("Not given")
        elif word == "opens_later":
            row |= {"word": _("Not signed"), "due": _("what it signs is not verified yet")}
        if result.state in ("unmet", "waived") and result.status not in _SAID_BY_CHIP:
            row["detail"] = _detail(result, row["message"], standing, deal, policy)
        row |= (action(result, word) if action else None) or {}
        told.append(row)
    return sorted(told, key=lambda row: ORDER.index(row["state"]))


def _detail(result: Result, short: str, standing: Standing | None, deal: Deal, policy: Policy) -> str:
    """Why it does not hold, without the name that stands above. Stale says what moved, and by how much."""
    change = staleness.stale(standing.facts, deal.view) if standing and result.status == "stale" else None
    if change is not None:
        field = policy.inputs.get(change.fact)
        moved = change.sentence(field.name if field else "")
        return _("Was met. %(change)s; needs a new check.") % {"change": moved}
    said = result.message.removeprefix(f"{short}: ")
    return said[:1].upper() + said[1:]


def _due(result: Result, standing: Standing | None, read: Reading) -> Any:
    moment = result.due or (standing.due_at if standing and result.holds else None)
    return words.due(moment, read.zone, read.now) if moment else ""


def _met(
    result: Result, standing: Standing | None, read: Reading, owner_name: str, actors: Mapping[int, str]
) -> dict[str, Any]:
    """Who met it and when; a rule has no person."""
    if result.kind == "condition":
        return {"who": {"name": _("Checked by rule"), "kind": "rule"}}
    if standing is None or standing.at is None:
        return {}
    by = actors.get(standing.actor)
    return ({"who": {"name": by, "kind": "person"}} if by else {}) | {
        "due": words.moment(standing.at, read.zone, read.now, gap=False)
    }


def reason(rows_: list[dict[str, Any]]) -> str:
    """`Credit approved is waiting, 2 more open.`"""
    held = [row for row in rows_ if row["state"] not in ("met", "waived")]
    if not held:
        return ""
    first = held[0]["message"]
    if not gate.is_hold(held[0]["key"]):  # which is a sentence already
        first = _("%(name)s is %(state)s") % {"name": first, "state": _word(held[0])}
    if len(held) == 1:
        return f"{first}."
    more = ngettext("%(n)s more open", "%(n)s more open", len(held) - 1) % {"n": len(held) - 1}
    return f"{first}, {more}."


def _word(row: Mapping[str, Any]) -> str:
    said = str(row.get("word") or "")
    return said[:1].lower() + said[1:] if said else word(row["state"])


def word(state_: str) -> str:
    known = {
        "blocked": _("blocked"), "rejected": _("rejected"), "missed": _("missed"), "revoked": _("revoked"),
        "stale": _("stale"), "expired": _("expired"), "waiting": _("waiting"), "not_started": _("not started"),
        "opens_later": _("not signed"), "waived": _("waived"), "met": _("met"),
    }  # fmt: skip
    return str(known.get(state_, state_))
