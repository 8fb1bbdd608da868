"""Called by the record itself, in the transaction of the entry: see crm_ledger/reactions.py."""

from __future__ import annotations

from collections.abc import Sequence

from ledger import dispatch
from ledger.commands.append import Appended, lock_many
from ledger.rules.actor import Actor
from ledger.rules.chain import Chain
from ledger.rules.postings import BOOKED
from ledger.rules.postings import Cause as Why
from pipeline.queries import policies
from reporting.commands import forecasts, revenue
from reporting.queries import forecasts as forecasts_said
from reporting.queries import revenue as query

# Why the revenue of a deal moves, by the kind that moved it. A late verification ends the miss that it comes after.
_WHY: dict[str, Why] = {
    "milestone.replanned": "replanned", "handshake.replanned": "replanned", "milestone.revoked": "return",
}  # fmt: skip


def schedule_revenue(entry: Appended, chain: Chain, *, by: Actor) -> None:
    """A booking turns into revenue by month."""
    revenue.schedule(_number(chain), chain, by=by)


@dispatch.takes_many
def restate_missed(entries: Sequence[tuple[Appended, Chain]], *, by: Actor) -> None:
    """Due moments have passed: a miss that moves revenue says by how many days."""
    moving = [
        (chain, entry.body["key"], entry.body["estimate_days"])
        for entry, chain in entries if "estimate_days" in entry.body
    ]  # fmt: skip
    if moving:
        revenue.restate_many(moving, by=by)


def restate_revenue(entry: Appended, chain: Chain, *, by: Actor) -> None:
    """A milestone that revenue hangs on was re-planned, verified late, revoked, or a decision on it undone."""
    key = entry.body["key"]
    place, version = query.place_of(_number(chain))
    template = policies.version(version).milestones.get(key)
    paying = {part.milestone for part in policies.version(version).delivery.shares}
    if place != BOOKED or template is None or not (template.blocks or key in paying):
        return
    revenue.restate(_number(chain), chain, _WHY.get(entry.kind, "milestone_miss"), by=by)


def unschedule_revenue(entry: Appended, chain: Chain, *, by: Actor) -> None:
    """A booking was reversed or a booked deal stepped back: nothing is expected of it until it is booked again."""
    revenue.withdraw(_number(chain), chain, "unbooked", "return", by=by)


def forgo_revenue(entry: Appended, chain: Chain, *, by: Actor) -> None:
    """A deal that was booked once is cancelled."""
    revenue.withdraw(_number(chain), chain, "cancelled", "cancelled", by=by)


@dispatch.takes_many
def hold_forecast(entries: Sequence[tuple[Appended, Chain]], *, by: Actor) -> None:
    """The record supports less than what was said of a deal: the forecast falls in the same transaction. Of many deals
    it is asked together which have one that could."""
    streams = [chain.stream for _, chain in entries]
    could = set(streams) if len(entries) == 1 else forecasts_said.supported_of(streams)
    for entry, chain in entries:
        if chain.stream in could:
            forecasts.hold_to_ceiling(_number(chain), chain, entry.kind)


@dispatch.takes_many
def lower_broken(entries: Sequence[tuple[Appended, Chain]], *, by: Actor) -> None:
    """What was found to disagree takes from the score of its deal, which the reconciliation has locked."""
    because = {f"deal/{entry.body['deal']}": entry.kind for entry, _chain in entries}
    for chain in lock_many(list(forecasts_said.supported_of(list(because)))):
        forecasts.hold_to_ceiling(_number(chain), chain, because[chain.stream])


def _number(chain: Chain) -> int:
    return int(chain.stream.split("/")[1])
