"""What time alone wrote of an obligation, judged again: misses, late starts, and what nobody asks for any more."""

from __future__ import annotations

from collections.abc import Iterator

from governance.rules import deadlines
from ledger.rules.actor import SYSTEM_PERSON
from ledger.rules.envelope import microseconds
from ledger.rules.replay import Deviation, Entry
from ledger.rules.standing import Standings
from pipeline.rules.deal import DealView
from pipeline.rules.policy import Policy

_NOTED = ("milestone.started_late", "milestone.missed", "handshake.missed")
KINDS = (*_NOTED, "milestone.released", "handshake.released")


def act(policy: Policy, deal: DealView, standings: Standings, entry: Entry) -> Iterator[Deviation]:
    """What was unlawful in an entry of `KINDS`."""
    key, sort = entry.body["key"], entry.kind.split(".")[0]
    standing = standings.get(key)
    if standing is None:
        yield Deviation("key", f"a {sort} that was planned", key)
        return
    if entry.kind not in _NOTED:
        asked = key in policy.milestones and policy.is_handshake(key) == (sort == "handshake")
        if policy.position(deal.stage) is not None and asked:
            yield Deviation("stage", "a closed deal, or a policy that does not ask for it", deal.stage)
        return
    if entry.actor != SYSTEM_PERSON:
        yield Deviation("actor", "the timetable", entry.actor)
    if policy.is_handshake(key) != (sort == "handshake"):
        yield Deviation("kind", f"that {key} is a {sort}", entry.kind)
        return
    so = (
        deadlines.unanswered(standing, entry.recorded_at)
        if sort == "handshake"
        else entry.kind in deadlines.notes(standing, entry.recorded_at)
    )
    due = None if standing.due_at is None else microseconds(standing.due_at)
    if entry.body.get("due") != due:
        yield Deviation("due", due, entry.body.get("due"))
    elif not so:
        yield Deviation(
            "recorded_at", f"a moment at which this {sort} was owed and its day had passed", entry.recorded_at
        )
    if sort == "handshake" and entry.body.get("function") != deadlines.owing(standing):
        yield Deviation("function", deadlines.owing(standing), entry.body.get("function"))
