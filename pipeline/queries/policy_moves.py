"""Moves to newer policies: what is drafted and signed, the deals of a move, and what it would do to them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal

from django.db import connection

from ledger.queries import prepared
from ledger.rules.problems import Fault, bad_input
from pipeline.models import DealState
from pipeline.queries import deals, organisation, policies, seats
from pipeline.queries.deals import Deal
from pipeline.rules import gate, policy_moves
from pipeline.rules.policy import SIGNERS, Policy
from pipeline.rules.policy_moves import Change, Move

MOST = 2_000  # deals that a preview judges
CHUNK = 500
Verdict = Literal["stays", "shut", "opens", "same"]


@dataclass(frozen=True, slots=True)
class Drafted:
    """A move with who signed it; `ordered` is the entry of the order, once three have. `figures` are of its preview.

    Withdrawn, it moves nothing more; what it has moved stays."""

    move: Move
    stream: str
    drafted_at: datetime
    drafted_by: int
    figures: Mapping[str, Any]
    signatures: Mapping[str, int] = field(default_factory=dict)
    ordered: int | None = None
    ordered_at: datetime | None = None
    withdrawn_at: datetime | None = None
    withdrawn_by: int | None = None

    @property
    def withdrawn(self) -> bool:
        return self.withdrawn_at is not None

    def may_be_withdrawn_by(self, person: int) -> bool:
        return person in (self.drafted_by, *self.signatures.values())

    @property
    def missing(self) -> tuple[str, ...]:
        return tuple(function for function in SIGNERS if function not in self.signatures)


# Every entry of a move says which one it is of; a stream of policies is short.
_ACTS = """
SELECT e.id, e.kind, e.stream, e.recorded_at, e.actor, convert_from(e.envelope, 'UTF8')::jsonb -> 'body'
FROM ledger_entry e WHERE e.stream IN (SELECT DISTINCT 'policy/' || name FROM pipeline_policyversion)
    AND e.kind IN ('move.drafted', 'move.signed', 'move.ordered', 'move.withdrawn')
ORDER BY e.id
"""


def listing() -> list[Drafted]:
    """Newest first."""
    found: dict[int, Drafted] = {}
    rows = prepared.rows(_ACTS, [])
    for identity, kind, stream, at, actor, text in rows:
        body = json.loads(text)
        if kind == "move.drafted":
            move = Move.of(identity, body)
            found[identity] = Drafted(move, stream, at, actor, body["preview"])
            continue
        of = found[body["move"]]
        if kind == "move.signed":
            found[body["move"]] = replace(of, signatures={**of.signatures, body["function"]: actor})
        elif kind == "move.ordered":
            found[body["move"]] = replace(of, ordered=identity, ordered_at=at)
        else:
            found[body["move"]] = replace(of, withdrawn_at=at, withdrawn_by=actor)
    return sorted(found.values(), key=lambda one: -one.move.id)


def one(number: int) -> Drafted | None:
    return next((drafted for drafted in listing() if drafted.move.id == number), None)


def ordered() -> list[Drafted]:
    """Those that three functions have signed and nobody has withdrawn; the newest first, so that it wins where two
    speak of the same deals."""
    return [drafted for drafted in listing() if drafted.ordered is not None and not drafted.withdrawn]


def hold(number: int, *, alone: bool) -> None:
    """Until the end of the transaction: who moves deals holds the move with others, who withdraws it holds it alone."""
    with connection.cursor() as cursor:
        shared = "" if alone else "_shared"
        cursor.execute(f"SELECT pg_advisory_xact_lock{shared}(727018, %s)", [number % 2**31])


def asked(source: int, target: int, unit: str | None, stages: Mapping[str, str]) -> Move:
    """A move that may be drafted. Raises bad-input with every reason why these versions cannot be moved between."""
    faults = []
    rows = {name: policies.row(number) for name, number in (("from", source), ("to", target))}
    for name, row in rows.items():
        if row is None or row.published_at is None:
            number = source if name == "from" else target
            faults.append(Fault(f"/{name}", "POLICY-MOVE-8", f"Version {number} is not published."))
    if target <= source:
        faults.append(Fault("/to", "POLICY-MOVE-9", f"Deals move to a newer version; {target} is not after {source}."))
    if unit is not None and not organisation.has_unit(unit):
        faults.append(Fault("/unit", "POLICY-MOVE-10", f"“{unit[:40]}” is no unit. Leave it out to move all."))
    if not faults:
        old, new = policies.version(source), policies.version(target)
        faults += policy_moves.faults(old, new, stages)
    if faults:
        raise bad_input(faults, "These versions cannot be moved between")
    named = tuple(sorted((old, new) for old, new in stages.items() if old != new))
    return Move(0, source, target, unit, named)


_CANDIDATES = """
SELECT deal_id FROM pipeline_dealstate WHERE policy_version = %s AND deal_id > %s AND unit = coalesce(%s, unit)
    AND (place IS NULL OR place LIKE 'pipeline/%%') AND stage NOT IN ('lost', 'history')
ORDER BY deal_id LIMIT %s
"""


def candidates(move: Move, after: int, limit: int) -> list[int]:
    """Open deals that are bound to the older version, by number."""
    return [row[0] for row in prepared.rows(_CANDIDATES, [move.source, after, move.unit, limit])]


@dataclass(frozen=True, slots=True)
class Seen:
    """One deal before and after: `verdict` is what becomes of its next gate, `open` what shuts it then."""

    ref: str
    title: str
    unit: str
    stage: str
    value_minor: int | None
    verdict: Verdict
    change: Change
    open: tuple[str, ...] = ()


@dataclass(slots=True)
class Preview:
    """`whole` says whether every deal of the move was judged; `booked` deals keep their version."""

    rows: list[Seen] = field(default_factory=list)
    whole: bool = True
    booked: int = 0

    def of(self, verdict: Verdict) -> list[Seen]:
        return [row for row in self.rows if row.verdict == verdict]

    def figures(self) -> dict[str, int | bool]:
        """What a signature stands under: counts, and amounts in minor units of the reporting currency."""
        counts = Counter(row.verdict for row in self.rows)
        moving = [row for row in self.rows if row.verdict != "stays"]
        return {
            "deals": len(moving),
            "value": sum(row.value_minor or 0 for row in moving),
            "stays": counts["stays"],
            "shut": counts["shut"],
            "shut_value": sum(row.value_minor or 0 for row in self.of("shut")),
            "opens": counts["opens"],
            "planned": sum(len(row.change.planned) for row in moving),
            "released": sum(len(row.change.released) for row in moving),
            "stale": sum(len(row.change.stale) for row in moving),
            "booked": self.booked,
            "whole": self.whole,
        }


def preview(move: Move, most: int = MOST) -> Preview:
    """What the move would do now to each of its deals, oldest first. Nothing is written."""
    old, new, now = policies.version(move.source), policies.version(move.target), seats.now()
    booked = DealState.objects.filter(policy_version=move.source, place__in=("booked", "booked-under-waiver"))
    found = Preview(booked=(booked if move.unit is None else booked.filter(unit=move.unit)).count())
    after = 0
    while numbers := candidates(move, after, min(CHUNK, most + 1 - len(found.rows))):
        titles = dict(DealState.objects.filter(deal_id__in=numbers).values_list("deal_id", "deal__title"))
        for number, deal in sorted(deals.read(numbers).items()):
            if len(found.rows) == most:
                found.whole = False
                return found
            found.rows.append(_seen(move, old, new, deal, titles[number], now))
        after = numbers[-1]
    return found


def _seen(move: Move, old: Policy, new: Policy, deal: Deal, title: str, now: datetime) -> Seen:
    view, change = deal.view, policy_moves.change(move, old, new, deal.view, deal.standings)
    said = (view.ref, title, view.unit, view.stage, view.value_minor)
    if change.stays:
        return Seen(*said, "stays", change, tuple(fault.message for fault in change.stays))
    before = _open(old, deal, now)
    gone = {key for key, _fact in change.stale}
    standings = {
        key: replace(held, effect="unmet", status="stale") if key in gone else held
        for key, held in deal.standings.items()
    }
    after = _open(new, Deal(policy_moves.rebound(move, view), standings), now)
    verdict: Verdict = "same" if bool(before) == bool(after) else "shut" if after else "opens"
    return Seen(*said, verdict, change, after)


def _open(policy: Policy, deal: Deal, now: datetime) -> tuple[str, ...]:
    """What shuts the next gate; empty when it is open."""
    stage = policy.next_stage(deal.view.stage)
    if stage is None:
        return ()
    decision = gate.evaluate(policy, deal.view, deal.standings, stage.key, now=now)
    return tuple(result.message for result in decision.refusals)
