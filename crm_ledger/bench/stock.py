"""Deals in bulk: opened, advanced, proven and booked by entries that pass every trigger, many to a statement.

Openings go through `opening.open_many`. What follows is judged by the rules that the commands use, on deals read
back from the record, but written for many deals at once. Evidence and notices are left out.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Protocol

from django.conf import settings
from django.db import connection, transaction

from crm_ledger.bench.clients import fork
from crm_ledger.bench.firm import CLIENTS, Firm, Rep
from governance.commands import reservations
from governance.queries import pools
from governance.rules import deadlines, delivery
from governance.rules import milestone as proof
from governance.rules import pools as pool_rules
from ledger import dispatch
from ledger.commands.append import Draft, append_many
from ledger.rules.actor import Actor
from ledger.rules.chain import Chain
from pipeline.commands import decisions, opening
from pipeline.queries import deals, seats
from pipeline.rules import booked, gate, given, value
from pipeline.rules.deal import DealView

# Of the deals that are no supply: the share of each stage. The rest of a stock is ready to leave the first stage.
BOOKED, COMMIT, SOLUTION = 0.30, 0.07, 0.08
BATCH = 25  # deals in one statement: on a busy machine more would take the seconds that an entry's moment may differ
_LEAST = 20  # ready deals of a client: enough for every play of W2
_PROCESSES = 2
NO_REACTIONS: dict[str, tuple[str, ...]] = {}


@dataclass(slots=True)
class Supply:
    """Ready deals: `each` for every client, in one run of numbers from `first`, taken in a scattered order.

    Client c owns first + c × each … and takes them at (i × STEP) mod each, which pgbench computes as well.
    """

    STEP = 7919  # a prime that no stock is a multiple of

    first: int
    each: int
    taken: int = 0

    def take(self, most: int) -> range:
        """Places that nobody else gets."""
        places = range(self.taken, min(self.taken + most, self.each))
        self.taken = places.stop
        return places

    @property
    def left(self) -> int:
        return self.each - self.taken

    def number(self, client: int, place: int) -> int:
        return self.first + client * self.each + place * self.STEP % self.each

    def in_pgbench(self) -> str:
        return f":first + :client_id * :each + (:i * {self.STEP}) % :each"


def count() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pipeline_deal")
        found: int = cursor.fetchone()[0]
    return found


def fill(firm: Firm, wanted: int) -> Supply:
    """Brings the stock to about `wanted` deals; returns the ready ones among those that it opened."""
    missing = max(wanted - count(), 0)
    shares = (("booked", BOOKED), ("commit", COMMIT), ("solution", SOLUTION))
    batches = [
        (stage, firm.reps[at % CLIENTS], BATCH)
        for stage, share in shares
        for at in range(round(missing * share / BATCH))
    ]
    in_processes([_Job(firm, stage, rep, size, number) for number, (stage, rep, size) in enumerate(batches)])
    return ready(firm, max((missing - len(batches) * BATCH) // CLIENTS, _LEAST))


def ready(firm: Firm, each: int) -> Supply:
    """Opens deals that lack nothing for the second stage: one run of numbers for each client's rep."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(id), 0) + 1 FROM pipeline_deal")
        first: int = cursor.fetchone()[0]
    for at, rep in enumerate(firm.reps):
        sizes = [50] * (each // 50) + [each % 50] * bool(each % 50)
        in_processes([_Job(firm, "", rep, size, first + at * each + number) for number, size in enumerate(sizes)])
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT min(deal_id), max(deal_id), count(*), count(DISTINCT owner_id) FROM pipeline_dealstate"
            " WHERE deal_id >= %s",
            [first],
        )
        lowest, highest, many, owners = cursor.fetchone()
    # What was rolled back before has left a gap below the first.
    if (highest - lowest + 1, many, owners) != (each * CLIENTS, each * CLIENTS, CLIENTS):
        raise RuntimeError("somebody else opened deals meanwhile; the numbers of the supply are not in one run")
    return Supply(lowest, each)


def openings(firm: Firm, rep: Rep, size: int, chance: random.Random) -> list[opening.Opening]:
    """Prepared as `opening.open_deal` does it."""
    found, now = [], seats.now()
    for at in range(size):
        stated = firm.stated(chance)
        parsed = given.parse(firm.policy, stated, currency=firm.company.currency)
        view = DealView(
            id=0, ref="", stage=firm.policy.first_stage.key, version=0, unit=rep.unit, owner=rep.seat,
            owner_person=rep.person, policy_version=firm.policy.version,
        )  # fmt: skip
        view = replace(view, **parsed.values, inputs=parsed.inputs, input_at=parsed.at(now))
        faults = parsed.faults + given.order_faults(view)
        if faults:
            raise RuntimeError(f"the bench states what the rules refuse: {faults}")
        view = value.in_pipeline(value.priced(view, Decimal(1), firm.company.currency))
        found.append(opening.Opening(f"Packing line {chance.randrange(10**6):06d}-{at}", view))
    return found


@dataclass(frozen=True, slots=True)
class _Job:
    firm: Firm
    stage: str  # empty: stays in the first stage
    rep: Rep
    size: int
    seed: int

    def run(self) -> None:
        prepared = openings(self.firm, self.rep, self.size, random.Random(self.seed))
        with transaction.atomic():
            views = opening.open_many(prepared, self.firm.policy, self.firm.company, seats.now(), by=self.rep.actor())
        if self.stage:
            _Batch(self.firm, self.rep, [view.id for view in views]).bring_to(self.stage)


class Job(Protocol):
    """A piece of work that writes what its reactions would."""

    def run(self) -> None: ...


def in_processes(jobs: Sequence[Job]) -> None:
    def work(mine: int) -> None:
        # Reactions write deal by deal; a batch writes what they would, for all of its deals at once.
        settings.LEDGER_REACTIONS = settings.LEDGER_AFTER_COMMIT = "crm_ledger.bench.stock.NO_REACTIONS"
        dispatch.reactions.cache_clear()
        dispatch.topics.cache_clear()
        for job in jobs[mine::_PROCESSES]:
            job.run()

    if jobs:
        fork(work, min(_PROCESSES, len(jobs)))


class _Batch:
    """Deals of one rep that go the same way."""

    def __init__(self, firm: Firm, rep: Rep, numbers: list[int]) -> None:
        self.firm, self.rep, self.numbers = firm, rep, numbers
        self.policy = firm.policy

    def bring_to(self, stage: str) -> None:
        by, unit = self.firm.by, self.rep.unit
        self._advance("solution")
        if stage == "solution":
            return
        self._prove("delivery-plan-accepted", by("ops", unit), by("ops2", unit))
        self._prove("credit-approved", by("finance"), by("finance2"))
        self._advance("commit")
        if stage == "commit":
            return
        self._prove("contract-signed", self.rep.actor(), by("manager", unit))
        self._prove("capacity-confirmed", by("ops", unit), by("ops2", unit))
        self._reserve(by("ops2", unit))
        self._prove("billing-terms-verified", by("finance"), by("finance2"))
        for function, who in (("sales", self.rep.actor()), ("operations", by("ops", unit)), ("finance", by("finance"))):
            self._attest(function, who)
        self._book()

    def _write(self, by: Actor, drafts: Callable[[deals.Deal, datetime], Iterable[Draft]]) -> None:
        with transaction.atomic():
            now = seats.now()
            heads = self._heads()
            found = deals.read(self.numbers)
            append_many([(Chain(f"deal/{number}", *heads[number], now), list(drafts(deal, now)))
                         for number, deal in found.items()], by=by)  # fmt: skip

    def _heads(self) -> dict[int, tuple[int, bytes, datetime]]:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT split_part(id, '/', 2)::bigint, version, head, at FROM ledger_stream WHERE id = ANY (%s)",
                [[f"deal/{number}" for number in self.numbers]],
            )
            return {number: (version, bytes(head), at) for number, version, head, at in cursor.fetchall()}

    def _advance(self, to: str) -> None:
        def drafts(deal: deals.Deal, now: datetime) -> Iterable[Draft]:
            decision = gate.evaluate(self.policy, deal.view, deal.standings, to, now=now)
            after = value.in_pipeline(replace(deal.view, stage=to))
            yield Draft(
                "deal.advanced",
                {"after": after.after(), "decision": decisions.body(decision)},
                postings=value.postings(deal.view, after, "advance", self.firm.company.currency),
                policy=self.policy.version,
            )
            yield from self._planned(after, now)

        self._write(self.rep.actor(), drafts)
        self._milestones(to)

    def _planned(self, after: DealView, now: datetime) -> Iterable[Draft]:
        for template in self.policy.planned_in(after.stage):
            due = deadlines.deadline(
                template, entered_at=now, close_on=after.close_on, start_on=after.start_on, timezone="UTC"
            )
            said = {"key": template.key, "requirement": "milestone", "function": template.owner_function}
            said |= {"start_by": due.start_by, "due": due.due_at}  # type: ignore[dict-item]
            yield Draft("milestone.planned", said, policy=self.policy.version)

    def _milestones(self, stage: str) -> None:
        rows = [(number, one) for number in self.numbers for one in self.policy.planned_in(stage)]
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO governance_milestone (deal_id, stream, key, name, function)"
                " SELECT d, 'deal/' || d, k, n, f"
                " FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[]) AS t (d, k, n, f)",
                [[number for number, _ in rows], [one.key for _, one in rows], [one.name for _, one in rows],
                 [one.owner_function for _, one in rows]],
            )  # fmt: skip

    def _prove(self, key: str, submitter: Actor, verifier: Actor) -> None:
        template = self.policy.milestones[key]
        said = {"key": key, "requirement": "milestone", "function": template.owner_function}

        def verified(deal: deals.Deal, now: datetime) -> Iterable[Draft]:
            valid = now + timedelta(days=template.valid_days) if template.valid_days else None
            facts = proof.bound(template, deal.view, [])
            yield Draft(
                "milestone.verified", {**said, "facts": facts, "valid_until": valid}, policy=self.policy.version
            )

        self._write(submitter, lambda deal, now: [Draft("milestone.submitted", said, policy=self.policy.version)])
        self._write(verifier, verified)

    def _reserve(self, by: Actor) -> None:
        """What the verification of capacity takes of the pools, for all deals at once."""
        with transaction.atomic():
            needs = {number: delivery.needed(deal.view) for number, deal in deals.read(self.numbers).items()}
            months = sorted({month for need in needs.values() for month in need.months})
            batch = []
            for locked in pools.lock(self.rep.unit, months):
                changes = [pool_rules.supply(locked.was, locked.pool)]
                changes += [
                    pool_rules.hold(locked.pool, number, self.rep.seat, need.units, "none", "confirmed")
                    for number, need in needs.items()
                    if locked.pool.month in need.months
                ]
                batch.append((locked.chain, [Draft(one.kind, one.body, one.postings) for one in changes if one]))
            append_many(batch, by=by)
            self._write(by, lambda deal, now: [reservations.entry("reservation.confirmed", deal.view, self.policy)])

    def _attest(self, function: str, by: Actor) -> None:
        def drafts(deal: deals.Deal, now: datetime) -> Iterable[Draft]:
            said = {"key": f"attested-{function}", "requirement": "attestation", "function": function}
            yield Draft("attestation.given", {**said, "facts": {"terms": deal.view.terms}}, policy=self.policy.version)

        self._write(by, drafts)

    def _book(self) -> None:
        def drafts(deal: deals.Deal, now: datetime) -> Iterable[Draft]:
            decision = booked.judge(self.policy, deal.view, deal.standings, now)
            place = booked.place(decision)
            if place is None:
                raise RuntimeError(f"the bench did not earn a booking: {decision.refusals}")
            last = replace(deal.view, stage=self.policy.stages[-1].key)
            after = value.placed(last, place, self.firm.company.day_of(now))
            yield Draft(
                "booking.recorded",
                {"after": after.after(), "decision": decisions.body(decision)},
                postings=value.postings(deal.view, after, "won", self.firm.company.currency),
                policy=self.policy.version,
            )
            yield from self._planned(after, now)

        self._write(self.firm.by("finance"), drafts)
        self._milestones(self.policy.stages[-1].key)
