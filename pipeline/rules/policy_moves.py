"""Moving deals under way from one policy version to a newer one: what a move may be, and what it changes in a deal.

Nothing of it is retroactive: gates that were passed stay passed, what was planned keeps its due moment, and what was
verified stands as long as the newer version would have accepted it. Only an open deal moves: a booking fixes its
version.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from ledger.rules.problems import Fault
from ledger.rules.standing import WAIVER, Standing, Standings
from pipeline.rules.deal import DealView
from pipeline.rules.policy import MilestoneTemplate, Policy, Stage


@dataclass(frozen=True, slots=True)
class Move:
    """From one version to a newer one: of one unit, or of all. `stages`: old key → new key, where they differ."""

    id: int  # the entry that drafted it
    source: int
    target: int
    unit: str | None = None
    stages: tuple[tuple[str, str], ...] = ()

    def stage(self, key: str) -> str:
        return dict(self.stages).get(key, key)

    def body(self) -> dict[str, Any]:
        """As its entries state it."""
        stages = [{"from": old, "to": new} for old, new in self.stages]
        return {"from": self.source, "to": self.target, "unit": self.unit, "stages": stages}

    @classmethod
    def of(cls, identity: int, body: Mapping[str, Any]) -> Move:
        """Raises KeyError or TypeError when a body states no move."""
        rows: list[Mapping[str, str]] = body["stages"]
        stages = tuple((row["from"], row["to"]) for row in rows)
        return cls(identity, body["from"], body["to"], body["unit"], stages)


@dataclass(frozen=True, slots=True)
class Change:
    """What a move does to one deal. `stays` are the reasons for which it does not move; then nothing else is said.

    `planned` and `released` are milestones, `stale` milestone → the fact for which its verification does not do any
    more, `asked` inputs that the newer version wants before booking and that are not given.
    """

    stage: str
    planned: tuple[MilestoneTemplate, ...] = ()
    released: tuple[str, ...] = ()
    stale: tuple[tuple[str, str], ...] = ()
    asked: tuple[str, ...] = ()
    stays: tuple[Fault, ...] = ()


def faults(old: Policy, new: Policy, stages: Mapping[str, str]) -> list[Fault]:
    """Why these versions cannot be moved between; empty when they can. Judged once for all deals."""
    return [*_stage_faults(old, new, stages), *_key_faults(old, new), *_input_faults(old, new)]


def _stage_faults(old: Policy, new: Policy, stages: Mapping[str, str]) -> Iterator[Fault]:
    open_ones, known = _open(old), {stage.key: at for at, stage in enumerate(_open(new))}
    for key in stages:
        if key not in {stage.key for stage in open_ones}:
            yield Fault("/stages", "POLICY-MOVE-1", f"“{key[:40]}” is no open stage of version {old.version}.")
    before = -1
    for stage in open_ones:
        to = stages.get(stage.key, stage.key)
        if to not in known:
            yield Fault(
                f"/stages/{stage.key}",
                "POLICY-MOVE-2",
                f"Version {new.version} has no open stage “{to[:40]}” for deals in {stage.key}. "
                f"Name one of: {', '.join(known)}.",
            )
            continue
        if known[to] < before:
            yield Fault(
                f"/stages/{stage.key}",
                "POLICY-MOVE-3",
                f"{stage.key} would come to stand before a stage that it follows now. Keep the order of the stages.",
            )
        before = known[to]


def _key_faults(old: Policy, new: Policy) -> Iterator[Fault]:
    """A key means one thing in both, or what stands under it in the record would speak of something else."""
    kinds = {**dict.fromkeys(new.milestones, "milestone"), **_asked(new)}
    for key, kind in {**dict.fromkeys(old.milestones, "milestone"), **_asked(old)}.items():
        if kind != kinds.get(key, kind):
            yield _other(key, f"{kind} in version {old.version} and {kinds[key]} in {new.version}")
    for key, template in old.milestones.items():
        owner = new.milestones[key].owner_function if key in new.milestones else template.owner_function
        if template.owner_function != owner:
            yield _other(
                key, f"owed by {template.owner_function} in version {old.version} and by {owner} in {new.version}"
            )


def _asked(policy: Policy) -> dict[str, str]:
    """Key → the kind of requirement as which a gate asks for it. A milestone that no gate asks for is verified."""
    return {rule.key: rule.kind for stage in policy.stages for rule in stage.gate}


def _input_faults(old: Policy, new: Policy) -> Iterator[Fault]:
    for key in old.inputs.keys() & new.inputs.keys():
        was, now = old.inputs[key].type, new.inputs[key].type
        if was != now:
            yield _other(key, f"of type {was} in version {old.version} and of type {now} in {new.version}")


def _other(key: str, how: str) -> Fault:
    say = f"“{key}” is {how}. Give the new one a key of its own; what stands in the record keeps its meaning."
    return Fault(f"/{key}", "POLICY-MOVE-4", say)


def _open(policy: Policy) -> tuple[Stage, ...]:
    return policy.stages[:-1]


def rebound(move: Move, view: DealView) -> DealView:
    """The deal under the newer version, before its value stands where its stage says."""
    return replace(view, policy_version=move.target, stage=move.stage(view.stage))


def change(move: Move, old: Policy, new: Policy, deal: DealView, standings: Standings) -> Change:
    """What the move does to an open deal that is bound to the older version."""
    stage = move.stage(deal.stage)
    stays = tuple(_stays(move, old, new, deal, standings))
    if stays:
        return Change(deal.stage, stays=stays)
    place = new.position(stage) or 0
    reached = {one.key for one in new.stages[: place + 1]}
    planned = tuple(
        template
        for template in new.milestones.values()
        if template.planned_in in reached and _is_due(standings.get(template.key))
    )
    released = tuple(
        key for key in old.milestones if key not in new.milestones and key in standings and _is_open(standings[key])
    )
    stale = tuple(_stale(new, deal, standings))
    asked = tuple(key for key in new.inputs if key not in old.inputs and deal.fact(key) in (None, ""))
    return Change(stage, planned, released, stale, asked)


def _is_due(standing: Standing | None) -> bool:
    return standing is None or standing.status == "released"


def _is_open(standing: Standing) -> bool:
    return standing.effect == "unmet" and standing.status != "released"


def _stays(move: Move, old: Policy, new: Policy, deal: DealView, standings: Standings) -> Iterator[Fault]:
    place = old.position(deal.stage)
    if deal.policy_version != move.source:
        yield Fault("/from", "POLICY-MOVE-5", f"{deal.ref} is bound to version {deal.policy_version}.")
        return
    if move.unit is not None and move.unit != deal.unit:
        yield Fault("/unit", "POLICY-MOVE-5", f"{deal.ref} belongs to {deal.unit}, which this move does not speak of.")
    if place is None or place == len(old.stages) - 1:
        yield Fault(
            "/stage",
            "POLICY-MOVE-6",
            f"{deal.ref} is {deal.stage}: what is booked or closed keeps its version. It moves once it is open again.",
        )
        return
    asked = {rule.key: rule.kind for stage in new.stages for rule in stage.gate}
    for key, standing in standings.items():
        target = key.removeprefix(WAIVER)
        if key.startswith(WAIVER) and standing.effect == "waived" and target not in asked:
            yield Fault(
                f"/{target}", "POLICY-MOVE-7",
                f"A waiver of {target} is open on {deal.ref}, and version {new.version} does not ask for it. "
                "Let it be repaid or end first.",
            )  # fmt: skip
        if standing.status in ("reserved", "confirmed") and standing.effect == "met" and key not in asked:
            yield Fault(
                f"/{key}", "POLICY-MOVE-7",
                f"{deal.ref} holds capacity under {key}, and version {new.version} does not ask for it. Release it.",
            )  # fmt: skip


def _stale(new: Policy, deal: DealView, standings: Standings) -> Iterator[tuple[str, str]]:
    """Verifications that the newer version would not have taken: they bound less, or bound it more loosely."""
    for key, template in new.milestones.items():
        standing = standings.get(key)
        if standing is None or standing.effect != "met" or new.is_handshake(key):
            continue
        facts, loose = standing.facts.get("facts", {}), standing.facts.get("tolerance", {})
        if len(standing.facts.get("evidence", ())) < template.evidence_minimum:
            yield key, "evidence"
            continue
        # A looser bond would go on to stand for a change that the newer version does not allow.
        lacking = (f for f in template.binds if f not in facts or _share(loose, f) > _share(template.tolerance, f))
        fact = next(lacking, None)
        if fact is not None:
            yield key, fact


def _share(tolerances: Mapping[str, Any], fact: str) -> Decimal:
    return Decimal(tolerances.get(fact, 0))


def consequences(change: Change) -> dict[str, Any]:
    """What follows for the milestones of the deal, as the entry of its move states it."""
    return {
        "planned": [template.key for template in change.planned],
        "released": list(change.released),
        "stale": [{"key": key, "fact": fact} for key, fact in change.stale],
    }
