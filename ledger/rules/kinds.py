"""Every kind of entry: the vocabulary of what can happen, and what each means for a requirement key.

The database holds the same table (`ledger_kind`); a test compares the two.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from ledger.rules.standing import Effect

Mark = Literal["", "late", "missed", "moved"]


class Kind(NamedTuple):
    """`effect` on the requirement key that the entry names, `status` its word, `sentence` for the timeline.

    A kind with a `mark` decides nothing: it notes on the key that work began late, that its due moment was missed,
    or that its due moment moved.
    """

    name: str
    sentence: str
    effect: Effect | None = None
    status: str = ""
    mark: Mark = ""

    @property
    def stream(self) -> str:
        """The sort of stream that it stands in: what comes before the `/` of the stream's name."""
        noun = self.name.split(".")[0]
        return _STREAMS.get(noun, noun)


# Where the noun of a kind is not the noun of its stream.
_STREAMS = {
    "contact": "account",
    "key": "ledger",
    "gate": "deal",
    "booking": "deal",
    "milestone": "deal",
    "evidence": "deal",
    "attestation": "deal",
    "approval": "deal",
    "waiver": "deal",
    "wording": "deal",
    "holiday": "unit",
    "revenue": "deal",
    "variance": "deal",
    "reservation": "deal",
    "hold": "deal",
    "handshake": "deal",
    "touchpoint": "account",
    "forecast": "deal",
    "restatement": "period",
    "invoice": "deal",
    "collection": "deal",
    "snapshot": "forecast",
    "call": "forecast",
    "move": "policy",
}

KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("unit.opened", "Unit opened"),
        Kind("holiday.declared", "Holiday declared"),
        Kind("holiday.withdrawn", "Holiday withdrawn"),
        Kind("function.opened", "Function opened"),
        Kind("seat.filled", "Seat filled"),
        Kind("seat.ended", "Seat ended"),
        Kind("account.opened", "Account opened"),
        Kind("contact.added", "Contact added"),
        Kind("product.listed", "Product listed"),
        Kind("rate.published", "Exchange rate published"),
        Kind("policy.drafted", "Policy drafted"),
        Kind("policy.signed", "Policy signed"),
        Kind("policy.published", "Policy published"),
        Kind("move.drafted", "Move to a newer policy drafted"),
        Kind("move.signed", "Move to a newer policy signed"),
        Kind("move.ordered", "Move to a newer policy ordered"),
        Kind("move.withdrawn", "Move to a newer policy withdrawn"),
        Kind("period.prepared", "Period prepared for closing"),
        Kind("period.signed", "Figures of the period signed"),
        Kind("period.closed", "Period closed"),
        Kind("restatement.signed", "Restatement signed"),
        Kind("period.restated", "Period restated"),
        Kind("import.received", "Import received"),
        Kind("erasure.requested", "Erasure requested"),
        Kind("erasure.done", "Personal data erased"),
        Kind("erasure.repeated", "Personal data erased again after a restore"),
        Kind("key.announced", "Signing key announced"),
        Kind("key.retired", "Signing key retired"),
        Kind("ledger.adopted", "Record adopted by a new database cluster"),
        Kind("ledger.verified", "Record verified"),
        Kind("deal.opened", "Deal opened"),
        Kind("deal.imported", "Imported as unverified history"),
        Kind("deal.amended", "Terms amended"),
        Kind("deal.repriced", "Repriced at a new rate"),
        Kind("deal.assigned", "Assigned"),
        Kind("deal.rebound", "Moved to a newer policy"),
        Kind("wording.changed", "Title or description changed"),
        Kind("deal.advanced", "Advanced"),
        Kind("deal.returned", "Returned"),
        Kind("deal.lost", "Lost"),
        Kind("deal.reopened", "Re-opened"),
        Kind("gate.refused", "Not advanced"),
        Kind("booking.recorded", "Booked"),
        Kind("booking.reversed", "De-booked"),
        Kind("milestone.planned", "Milestone planned", "unmet", "planned"),
        Kind("milestone.started", "Milestone started", "unmet", "started"),
        Kind("milestone.submitted", "Submitted for verification", "unmet", "submitted"),
        Kind("milestone.verified", "Verified", "met", "verified"),
        Kind("milestone.rejected", "Rejected", "unmet", "rejected"),
        Kind("milestone.staled", "Verification became stale", "unmet", "stale"),
        Kind("milestone.expired", "Verification expired", "unmet", "expired"),
        Kind("milestone.revoked", "Verification revoked", "unmet", "revoked"),
        Kind("milestone.released", "Released: nobody asks for it any more", "unmet", "released"),
        Kind("milestone.started_late", "Not started in time", mark="late"),
        Kind("milestone.missed", "Due moment missed", mark="missed"),
        Kind("milestone.replanned", "Re-planned", mark="moved"),
        Kind("milestone.warned", "Early warning given"),
        Kind("milestone.asked", "Question asked"),
        Kind("milestone.answered", "Question answered"),
        Kind("milestone.unasked", "Question withdrawn"),
        Kind("milestone.handed_over", "Handed over"),
        Kind("milestone.undone", "Decision undone"),
        Kind("revenue.scheduled", "Revenue scheduled"),
        Kind("revenue.recognised", "Revenue recognised"),
        Kind("variance.recorded", "Revenue moved"),
        Kind("invoice.issued", "Invoiced"),
        Kind("invoice.credited", "Credited"),
        Kind("collection.received", "Collected"),
        Kind("evidence.added", "Evidence added"),
        Kind("attestation.given", "Attested", "met", "given"),
        Kind("attestation.voided", "Attestation voided", "unmet", "voided"),
        Kind("approval.given", "Approved", "met", "given"),
        Kind("approval.voided", "Approval voided", "unmet", "voided"),
        Kind("waiver.requested", "Waiver requested"),
        Kind("waiver.refused", "Waiver refused"),
        Kind("waiver.granted", "Waived", "waived", "granted"),
        Kind("waiver.repaid", "Waiver repaid", "met", "repaid"),
        Kind("waiver.ended", "Waiver ended unmet", "unmet", "ended"),
        Kind("hold.placed", "Put on hold", "unmet", "placed"),
        Kind("hold.released", "Hold released", "met", "released"),
        Kind("account.held", "Account put on hold"),
        Kind("account.released", "Hold of the account released"),
        Kind("handshake.planned", "Handshake planned", "unmet", "planned"),
        Kind("handshake.offered", "Offered", "unmet", "offered"),
        Kind("handshake.accepted", "Accepted", "met", "accepted"),
        Kind("handshake.refused", "Refused", "unmet", "refused"),
        Kind("handshake.withdrawn", "Acceptance withdrawn", "unmet", "withdrawn"),
        Kind("handshake.voided", "Acceptance voided", "unmet", "voided"),
        Kind("handshake.released", "Released: nobody asks for it any more", "unmet", "released"),
        Kind("handshake.missed", "Not answered by its day", mark="missed"),
        Kind("handshake.replanned", "Re-planned", mark="moved"),
        Kind("touchpoint.logged", "Touchpoint logged"),
        Kind("touchpoint.settled", "Touchpoint settled"),
        Kind("alert.opened", "Alert opened"),
        Kind("alert.acknowledged", "Alert acknowledged"),
        Kind("alert.explained", "Alert explained"),
        Kind("alert.committed", "Recovery date committed"),
        Kind("alert.escalated", "Alert escalated"),
        Kind("alert.reopened", "Alert opened again"),
        Kind("alert.closed", "Alert closed"),
        Kind("break.found", "Break found"),
        Kind("break.changed", "Break changed"),
        Kind("break.cleared", "Break cleared"),
        Kind("objective.set", "Objective set"),
        Kind("objective.withdrawn", "Objective withdrawn"),
        Kind("target.set", "Target set"),
        Kind("target.withdrawn", "Target withdrawn"),
        Kind("target.linked", "Deal linked to a target"),
        Kind("target.unlinked", "Link to a target taken away"),
        Kind("expansion.ordered", "Expansion ordered"),
        Kind("expansion.verified", "Expansion verified"),
        Kind("expansion.withdrawn", "Expansion withdrawn"),
        Kind("capacity.opened", "Capacity of a month opened"),
        Kind("capacity.restated", "Capacity of a month restated"),
        Kind("capacity.reserved", "Capacity reserved"),
        Kind("capacity.confirmed", "Capacity confirmed"),
        Kind("capacity.softened", "Confirmation of capacity taken back"),
        Kind("capacity.released", "Capacity released"),
        Kind("reservation.made", "Capacity reserved", "met", "reserved"),
        Kind("reservation.confirmed", "Capacity confirmed", "met", "confirmed"),
        Kind("reservation.softened", "Capacity held for a while", "met", "reserved"),
        Kind("reservation.released", "Capacity released", "unmet", "released"),
        Kind("reservation.expired", "Reservation expired", "unmet", "expired"),
        Kind("reservation.refused", "Capacity not reserved", "unmet", "over"),
        Kind("forecast.submitted", "Forecast submitted"),
        Kind("forecast.lowered", "Forecast lowered: the record supports less"),
        Kind("snapshot.locked", "Forecasts locked"),
        Kind("call.made", "Roll-up judged"),
        Kind("sharing.given", "Own forecasts shared"),
        Kind("sharing.ended", "Sharing ended"),
        Kind("sharing.looked", "Somebody looked"),
        Kind("sharing.noted", "Context noted"),
    )
}


def statuses(noun: str) -> tuple[str, ...]:
    """Every word that a kind of this noun gives a requirement: `planned`, `offered`, …"""
    return tuple(kind.status for kind in KINDS.values() if kind.status and kind.name.split(".")[0] == noun)
