"""May this reader act on a milestone or an attestation, and if not, why and who can instead."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from governance.queries.milestones import MilestoneRow
from governance.queries.team import Team
from governance.rules import milestone as states
from governance.rules import verification
from governance.rules.verification import Conflicts, Refusal
from ledger.queries import entries
from ledger.rules.actor import Actor
from pipeline import permissions
from pipeline.queries.deals import Deal
from pipeline.queries.reading import Reading
from pipeline.rules import gate
from pipeline.rules.decision import Result

PAST = Refusal("ASOF-4", "The past is read, never changed.", separation=False)
NOBODY = Conflicts(frozenset(), frozenset())


def _prepare(row: MilestoneRow) -> str:
    if row.state in ("planned", "started"):
        return _("Submit") if row.evidence else _("Add evidence")
    return _("Submit again")


def _handshake(row: MilestoneRow) -> str:
    return _("Answer") if row.state == "offered" else _("Offer")


@dataclass(slots=True)
class Near:
    """One reader beside one deal."""

    by: Actor
    read: Reading
    deal: Deal
    rows: dict[str, MilestoneRow]
    team: Team
    paid: frozenset[int]
    fields: str  # where facts are given

    def action(self, result: Result, state: str) -> dict[str, Any] | None:
        """The one thing that this reader can do about a requirement; of one of the past only why it fell."""
        if result.state != "unmet":
            return None
        if self.read.past:
            return self._why(self.rows[result.key]) or None if result.key in self.rows else None
        if gate.is_hold(result.key):
            return {"action_url": "#holds", "action_label": _("Look")}
        if result.kind in ("input", "condition"):
            return self._fact(result)
        if result.kind == "attestation":
            return self._attestation(result)
        if result.kind == "approval":
            return self._approval(result)
        if result.kind == "capacity":
            return {"action_url": "#capacity", "action_label": _("Reserve")}
        row = self.rows.get(result.key)
        return self._milestone(row) if row else None

    def _fact(self, result: Result) -> dict[str, Any] | None:
        if not permissions.can_act(self.by, self.read.seats, self.deal.view):
            return None
        if result.kind == "condition":
            return {"action_url": self.fields, "action_label": _("Change the facts")}
        label = _("Give it again") if result.status != "missing" else _("Give it")
        return {
            "action_url": f"{self.fields}#id_{result.key.removeprefix('booked-').replace('-', '_')}",
            "action_label": label,
        }

    def _milestone(self, row: MilestoneRow) -> dict[str, Any] | None:
        url = reverse("milestone", args=[self.deal.view.ref, row.key])
        if row.requirement == "handshake":
            return self._why(row) | {"action_url": url, "action_label": _handshake(row)}
        if row.state == "submitted":
            if row.question is not None and row.asked_of == self.by.person:
                return {"action_url": f"{reverse('queue')}?milestone={row.id}&tab=asked", "action_label": _("Answer")}
            if self.verifying(row) is None:
                return {"action_url": f"{reverse('queue')}?milestone={row.id}", "action_label": _("Verify")}
            return {"remedy": self.can_instead(row.function, {row.preparer or 0})}
        if row.state in states.OPEN and self.preparing(row) is None:
            return self._why(row) | {"action_url": url, "action_label": _prepare(row)}
        return self._why(row) | {"action_url": url, "action_label": _("Look")}

    def _why(self, row: MilestoneRow) -> dict[str, Any]:
        """The reason that was written with a rejection or a revocation, as long as it is kept."""
        if row.state not in ("rejected", "revoked", "refused", "withdrawn"):
            return {}
        note = entries.one(row.entry).private.get("note", "")
        return {"detail": f"“{note}”", "remedy": row.actor_name or ""} if note else {}

    def _attestation(self, result: Result) -> dict[str, Any] | None:
        if self.attesting(result.owner_function, result.key) is not None:
            return None
        name = self.read.functions.get(result.owner_function, result.owner_function).lower()
        return {"action_url": "#attestations", "action_label": _("Attest as %(function)s") % {"function": name}}

    def _approval(self, result: Result) -> dict[str, Any] | None:
        """Whoever holds the role approves with one button; the others read who can."""
        refusal = verification.approving(self.by, self.read.seats, self.deal.view, result.who, self.paid)
        if refusal is not None:
            return {"remedy": refusal.sentence} if refusal.code == "SOD-12" else None
        url = reverse("deal-approve", args=[self.deal.view.ref, result.key])
        return {"action_url": url, "action_label": _("Approve"), "action_method": "post"}

    def preparing(self, row: MilestoneRow) -> Refusal | None:
        if self.read.past:
            return PAST
        return verification.preparing(self.by, self.read.seats, self.deal.view, row.function)

    def verifying(self, row: MilestoneRow, conflicts: Conflicts = NOBODY) -> Refusal | None:
        if self.read.past:
            return PAST
        near = Conflicts(conflicts.uploaders, conflicts.paid | self.paid)
        standing = self.deal.standings[row.key]
        return verification.verifying(self.by, self.read.seats, self.deal.view, standing, near)

    def attesting(self, function: str, key: str) -> Refusal | None:
        if self.read.past:
            return PAST
        given = {
            standing.actor
            for name, standing in self.deal.standings.items()
            if standing.status == "given" and name != key and standing.facts.get("terms") == self.deal.view.terms
        }
        return verification.attesting(self.by, self.read.seats, self.deal.view, function, given, self.paid)

    def can_instead(self, function: str, without: set[int]) -> str:
        """`Esi Okafor and 2 others can.`"""
        near = without | {self.deal.view.owner_person, self.by.person} | self.paid
        names = [name for person, name in self.team.get(function, []) if person not in near]
        if not names:
            return _("Nobody else holds %(function)s here: ask an administrator to seat somebody.") % {
                "function": function
            }
        if len(names) == 1:
            return _("%(name)s can.") % {"name": names[0]}
        if len(names) == 2:
            return _("%(one)s and %(two)s can.") % {"one": names[0], "two": names[1]}
        return _("%(name)s and %(n)s others can.") % {"name": names[0], "n": len(names) - 1}

    def next_to_act(self, row: dict[str, Any] | None, function: str) -> str:
        """A person's name when it can be known, else the queue."""
        if row is None:
            return ""
        if row["who"].get("kind") == "person":
            return str(row["who"]["name"])
        near = {self.deal.view.owner_person} | self.paid
        standing = self.deal.standings.get(row["key"])
        if standing and standing.status == "submitted" and standing.preparer:
            near = near | {standing.preparer}
        return self.who_can(function, near) or str(row["who"]["name"])

    def who_can(self, function: str, without: set[int] | None = None) -> str:
        """`Esi Okafor or 2 more`; empty when nobody holds the function."""
        names = [name for person, name in self.team.get(function, []) if person not in (without or set())]
        if len(names) < 2:
            return "".join(names)
        return _("%(name)s or %(n)s more") % {"name": names[0], "n": len(names) - 1}
