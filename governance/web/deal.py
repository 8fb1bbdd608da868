"""Screen B: a deal and its gate. It shows milestones and evidence, so it lives here; its forms post to their nouns."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from governance.queries import breaks, evidence, milestones, team
from governance.queries import holds as held
from governance.queries import waivers as waived
from governance.web import account_health, attesting, facts_card, holds, milestone_rows, reserving, timeline, waivers
from governance.web.near import Near
from ledger import http, words
from ledger.rules import money
from ledger.rules.postings import BOOKED_UNDER_WAIVER
from ledger.web.door import page_at_any_moment
from pipeline import permissions
from pipeline.queries import deals, detail, heads, integrity, left_open, people, policies
from pipeline.queries.reading import Reading
from pipeline.rules.policy import HISTORY, LOST, Policy
from pipeline.web import gate_rows, integrity_words
from pipeline.web.reader import reader, stamp


@require_GET
@page_at_any_moment
def deal(request: HttpRequest, ref: str) -> HttpResponse:
    """A deal, or the deal as it was known at a moment, without any action."""
    read = reader(request)
    number = deals.number_of(ref)
    found = detail.visible(read.seats, number)
    head = heads.head(number)
    policy = policies.version(found.view.policy_version)
    by = http.actor(request, "web")
    rows = milestones.of_deal(number)
    near = Near(
        by, read, found, {row.key: row for row in rows}, team.of_unit(found.view.unit), evidence.paid_on(found.view),
        reverse("deal-facts", args=[head.ref]),
    )  # fmt: skip
    told = timeline.of_deal(number, policy, read, request.GET.get("before"))
    actors = people.names([standing.actor for standing in found.standings.values()])
    box = _gate(policy, near, head.owner, actors, past=read.past)
    may = permissions.can_act(by, read.seats, found.view) and not read.past
    closed = found.view.stage in (LOST, HISTORY)
    context = {
        "head": head,
        "view": found.view,
        "stage": _stage(policy, found.view.stage),
        "line": _line(found.view, box, read, head, policy),
        "gate": box,
        "capacity": reserving.card(near, policy),
        "attestations": attesting.shape(policy, near, actors),
        "milestones": [milestone_rows.row(row, near) for row in rows],
        "facts": facts_card.pairs(policy, found.view, head, read, health=account_health.of(found.view.account)),
        "integrity": _integrity(number, found, policy, read),
        "may_act": may,
        "may_assign": may and permissions.manages(read.seats, found.view.unit),
        "returns": may and (policy.position(found.view.stage) or 0) > 0,
        "waivers": waivers.cards([row for row in waived.of_deal(number) if row.waiver.open], policy, found, read, by),
        "holds": holds.cards(held.rows(f"deal/{number}", open_only=True), found, read, by),
        "may_hold": not closed and not read.past and bool(holds.functions_of(read, found.view.unit)),
        "closed": closed,
        "under_waiver": found.view.place == BOOKED_UNDER_WAIVER,
        "left_open": _left_open(found, read),
        "timeline": told,
        "stamp": stamp(read),
        "request_id": uuid.uuid4(),
    }
    part = request.headers.get("HX-Target") == "deal-part"
    return render(request, "governance/deal.html#part" if part else "governance/deal.html", context)


def _left_open(found: detail.Deal, read: Reading) -> dict[str, str] | None:
    """The closed month in which this open deal still expects to close, and the day that it names."""
    view = found.view
    if view.close_on is None or not left_open.is_left(view, read.today):
        return None
    return {"month": words.month(view.close_on.replace(day=1)), "day": words.day(view.close_on)}


def _integrity(number: int, found: detail.Deal, policy: Policy, read: Reading) -> dict[str, Any] | None:
    """How far this deal rests on proven facts, at the moment of the page, with all that takes from it."""
    if found.view.stage == LOST:
        return None
    score = integrity.of_deals({number: found}, read.now, read.zone, breaks.unreconciled([number]))[number]
    parts = [(part.name, part.held, part.asked, part.missing) for part in score.parts]
    return {
        "score": score.score,
        "certified": score.certified,
        "lacks": integrity_words.lacking(parts, integrity_words.called(policy)),
    }


def _stage(policy: Policy, key: str) -> str:
    known = policy.stage(key)
    return known.name if known else {LOST: _("Lost"), HISTORY: _("Unverified history")}.get(key, key)


def _gate(policy: Policy, near: Near, owner: str, actors: dict[int, str], *, past: bool) -> dict[str, Any] | None:
    view, read = near.deal.view, near.read
    following = policy.next_stage(view.stage)
    if following is None:
        return None
    decision = gate_rows.decide(near.deal, read)
    assert decision is not None  # there is a next stage
    rows = gate_rows.rows(policy, decision, near.deal, read, owner, near.action, actors)
    functions = {result.key: result.who or result.owner_function for result in decision.results}
    may = permissions.can_act(near.by, read.seats, view)
    held = next((row for row in rows if row["state"] not in ("met", "waived")), None)
    reason = gate_rows.reason(rows)
    if decision.passed and not may:
        reason = _("the owner or a sales manager of the unit advances it.")
    return {
        "id": "",
        "to_name": following.name,
        "policy_version": f"v{policy.version}",
        "passed": decision.passed and may,
        "blocked": bool(rows) and rows[0]["state"] in ("blocked", "rejected", "missed", "revoked"),
        "met_count": sum(row["state"] in ("met", "waived") for row in rows),
        "total": len(rows),
        "requirements": rows,
        "advance_url": f"{reverse('deal-advance', args=[view.ref])}?to={following.key}",
        "version": view.version,
        "request_id": uuid.uuid4(),
        "reason": reason,
        "next_actor": near.next_to_act(held, functions.get(held["key"], "")) if held else owner if not may else "",
        "consequence": _consequence(policy, following.key, near),
        "no_action": past,
    }


def _consequence(policy: Policy, to: str, near: Near) -> str:
    view, read = near.deal.view, near.read
    if to == policy.stages[-1].key:
        if view.amount_minor is None:
            return ""
        month = words.month(read.today)
        value = money.text(view.amount_minor, view.currency)
        return _("After advancing: books %(value)s in %(month)s.") % {"value": value, "month": month}
    planned = policy.planned_in(to)
    fresh = [template.name for template in planned if template.key not in near.deal.standings]
    return _("After advancing, these begin: %s.") % ", ".join(fresh).lower() if fresh else ""


def _line(view: Any, box: dict[str, Any] | None, read: Reading, head: Any, policy: Policy) -> str:
    """`Proposed, 10 days · 2 of 5 met · not booked`"""
    days = max(0, (read.now - view.stage_entered_at).days) if view.stage_entered_at else 0
    stage = _stage(policy, view.stage)
    since = ngettext("%(stage)s for %(n)s day", "%(stage)s for %(n)s days", days) % {"stage": stage, "n": days}
    parts = [since if days else _("%(stage)s since today") % {"stage": stage}]
    if box:
        parts.append(_("%(met)s of %(total)s met") % {"met": box["met_count"], "total": box["total"]})
    booked = {"booked": _("booked"), "booked-under-waiver": _("booked under waiver")}
    parts.append(booked.get(view.place or "", _("not booked")))
    return " · ".join(parts)
