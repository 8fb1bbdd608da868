"""One milestone as it is judged: evidence, bound facts, the rule, and what this reader may do."""

from __future__ import annotations

import re
import uuid
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from governance.models import Evidence
from governance.queries import evidence as evidence_of
from governance.queries import milestones, queue, team
from governance.queries.milestones import MilestoneRow
from governance.rules import milestone as states
from governance.rules import replanning
from governance.web import handshakes, turns
from governance.web.milestone_rows import chip
from governance.web.near import Near
from ledger import words
from ledger.rules import money
from ledger.rules.actor import Actor
from ledger.rules.problems import not_found
from pipeline.queries import choices, deals, policies, reference_lists, sight
from pipeline.queries.deals import Deal
from pipeline.queries.reading import Reading
from pipeline.rules import terms
from pipeline.rules.policy import MilestoneTemplate, Policy

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def pane(row: MilestoneRow, read: Reading, by: Actor) -> dict[str, Any]:
    """For components/reading_pane.html, with `prepare`, `reject` and `revoke` for the forms below it."""
    deal = deals.read_one(row.deal)
    sight.check(read.seats, row.deal, deal.view.unit)
    policy = policies.version(deal.view.policy_version)
    template = policy.milestones[row.key]
    near = Near(by, read, deal, {row.key: row}, team.of_unit(deal.view.unit), evidence_of.paid_on(deal.view), "")
    if policy.is_handshake(row.key):
        return _handshake(row, near, template, policy)
    pieces = queue.evidence(row.id, read.person)
    state, word = chip(row.state)
    verify, judge = _verify(row, near, pieces)
    card = turns.card(row, near, judge, {piece.added_by_id for piece, _opened in pieces})
    return {
        "id": row.id,
        "title": row.name,
        "state": state,
        "word": word if row.question is None else _("Asked"),
        "deal": f"{row.title}, {row.ref}",
        "deal_url": reverse("deal", args=[row.ref]),
        "asked_by": row.preparer_name or row.owner_name,
        "due": words.due(row.due_at, read.zone, read.now) if row.state != "verified" else "",
        "evidence": [_piece(piece, opened, read) for piece, opened in pieces],
        "facts": _facts(template, policy, deal),
        "rule_text": _rule(template, policy),
        "rule_state": "met" if len(pieces) >= template.evidence_minimum else "waiting",
        "actions": [action for action in (verify, card["undo"]) if action],
        "turn": card,
        "reject": judge,
        "prepare": row.state in states.OPEN and near.preparing(row) is None,
        "add": row.state in (*states.OPEN, "submitted") and near.preparing(row) is None,
        "replan": _replans(row, near),
        "enough": len(pieces) >= template.evidence_minimum,
        "kinds": template.evidence_kinds,
        "revoke": row.state == "verified" and not read.past and any(
            seat.function == row.function and seat.covers(deal.view.unit) for seat in read.seats
        ),
        "url": reverse("milestone", args=[row.ref, row.key]),
        "request_ids": [uuid.uuid4() for _at in range(4)],
    }  # fmt: skip


def _replans(row: MilestoneRow, near: Near) -> bool:
    """Whether this reader may name another day."""
    movers = replanning.movers(row.requirement, row.function)
    refusal = replanning.replanning(near.read.seats, near.deal.view, movers)
    return not near.read.past and states.wrong_state("replan", row.state) is None and refusal is None


def _handshake(row: MilestoneRow, near: Near, template: MilestoneTemplate, policy: Policy) -> dict[str, Any]:
    state, word = chip(row.state)
    return {
        "id": row.id,
        "title": row.name,
        "state": state,
        "word": word,
        "deal": f"{row.title}, {row.ref}",
        "deal_url": reverse("deal", args=[row.ref]),
        "due": words.due(row.due_at, near.read.zone, near.read.now) if row.state != "accepted" else "",
        "facts": _facts(template, policy, near.deal),
        "hand": handshakes.card(row, near),
        "replan": _replans(row, near),
    }


def of_key(ref: str, key: str) -> MilestoneRow:
    rows = milestones.of_deal(deals.number_of(ref))
    row = next((row for row in rows if row.key == key), None)
    if row is None:
        raise not_found(_("Milestone %(key)s of %(ref)s") % {"key": key[:40], "ref": ref[:40]})
    return row


def _verify(row: MilestoneRow, near: Near, pieces: list[tuple[Evidence, bool]]) -> tuple[dict[str, Any] | None, bool]:
    """The Verify action, open or shut with its reason, and whether this reader may judge at all."""
    if row.state != "submitted" or near.read.past:
        return None, False
    action: dict[str, Any] = {
        "label": _("Verify"), "style": "main", "key": "1", "id": "verify", "method": "post",
        "url": f"{reverse('milestone-verify', args=[row.id])}?decision=verified",
        "name": "request_id", "value": str(uuid.uuid4()),
    }  # fmt: skip
    refusal = near.verifying(row, evidence_of.conflicts(row.id, near.deal.view))
    if refusal is not None:
        uploaders = {piece.added_by_id for piece, _opened in pieces}
        who = near.can_instead(row.function, uploaders | {row.preparer or 0})
        return action | {"shut": True, "reason": f"{refusal.sentence} {who} [{refusal.code}]"}, False
    left = [piece.name for piece, opened in pieces if not opened and not piece.erased]
    if left:
        return action | {"shut": True, "reason": _("open the evidence first: %s.") % ", ".join(left[:3])}, True
    return action, True


def _piece(piece: Evidence, opened: bool, read: Reading) -> dict[str, Any]:
    told = words.moment(piece.added_at, read.zone, read.now)
    looked = piece.kind in ("file", "link")
    return {
        "name": _("Erased evidence") if piece.erased else piece.name,
        "erased": piece.erased,
        "url": reverse("evidence", args=[piece.pk]),
        "kind": piece.kind,
        "size": words.size(piece.size) if piece.size else "",
        "hash": piece.sha256,
        "who": piece.added_by.name,
        "when": told["text"] if isinstance(told, dict) else "",
        "opened": opened,
        "opened_text": "" if looked else _("Stands here"),
    }


def _facts(template: MilestoneTemplate, policy: Policy, deal: Deal) -> list[dict[str, Any]]:
    told = []
    standing = deal.standings.get(template.key)
    before = (standing.facts.get("facts") or {}) if standing else {}
    for fact in template.binds:
        label = policy.inputs[fact].name if fact in policy.inputs else fact.replace("_", " ").capitalize()
        value = deal.view.fact(fact)
        kind = policy.inputs[fact].type if fact in policy.inputs else fact
        shown = _shown(fact, kind, value, deal.view.currency)
        note = ""
        if fact in before and str(before[fact]) != str(value):
            note = _("was %s when it was verified") % _shown(fact, kind, before[fact], deal.view.currency)
        told.append({"label": label, "value": shown, "note": note})
    return told


def _shown(fact: str, kind: str, value: Any, currency: str | None) -> str:
    """Money as money, a day as a day, an account or a contact by its name: the record keeps them as it needs them."""
    if value is None:
        return "—"
    if fact == "amount":
        return money.text(value, currency)
    if kind == "account":
        known = reference_lists.account_or_none(int(value))
        return known.name if known else "—"
    if kind == "contact":
        return choices.contact_names([value]).get(value, "—")
    if isinstance(value, date):
        return words.day(value)
    if isinstance(value, str) and _DAY.fullmatch(value):
        return words.day(date.fromisoformat(value))
    return str(value)


def _rule(template: MilestoneTemplate, policy: Policy) -> str:
    """What the policy says of this milestone, in one sentence."""
    parts = [_("At least %(n)s piece of evidence.") % {"n": template.evidence_minimum}]
    for fact, share in template.tolerance.items():
        label = policy.inputs[fact].name if fact in policy.inputs else fact
        if share:
            told = {"fact": label.lower(), "share": f"{terms.decimal_text(share * 100)}"}
            parts.append(_("Holds while %(fact)s moves by at most %(share)s %%.") % told)
    if template.valid_days:
        parts.append(_("Valid for %(n)s days.") % {"n": template.valid_days})
    return " ".join(parts)
