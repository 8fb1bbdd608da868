"""A judged row → a deal: how history and open rows are opened, and how history gets the product it lacked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time
from functools import lru_cache
from zoneinfo import ZoneInfo

from ledger.commands.append import Draft, append_many, lock_many
from ledger.rules.actor import Actor
from ledger.transactions import step
from pipeline.commands.opening import Opening
from pipeline.queries import deals
from pipeline.queries.organisation import Company
from pipeline.rules import terms
from pipeline.rules.deal import DealView, Line
from pipeline.rules.importing.judging import Stated, Verdict
from pipeline.rules.policy import Policy


def opening(verdict: Verdict, source: str, batch: int, policy: Policy, company: Company) -> Opening:
    """History stands at its close with what it was won for; an open row stands in the first stage, unpriced."""
    stated = verdict.stated
    assert stated is not None
    view = DealView(
        id=0, ref="", stage=policy.first_stage.key, version=0, unit=stated.agent.unit, owner=stated.agent.seat,
        owner_person=stated.agent.person, policy_version=policy.version, account=stated.account,
        amount_minor=stated.amount_minor, currency=company.currency if stated.amount_minor is not None else None,
        value_minor=stated.amount_minor, close_on=stated.closed_on if stated.history else None, lines=lines(stated),
    )  # fmt: skip
    day = stated.closed_on if stated.history else stated.engaged_on
    what, who = stated.product_name or "Unnamed product", stated.account_name
    return Opening(
        title=(f"{what} for {who}" if who else what)[:200],
        view=view,
        source=source,
        source_ref=verdict.ref,
        source_hash=verdict.hash,
        effective=_start_of(day, company.timezone) if day else None,
        history=stated.history,
        claim={**stated.claim, "import": batch, "line": verdict.line},
    )


def lines(stated: Stated) -> tuple[Line, ...]:
    """One of the product: at what the deal was won for, else at list price; nothing without a price."""
    product = stated.product
    if product is None:
        return ()
    price = stated.amount_minor if stated.amount_minor is not None else product.price_minor
    return () if price is None else (Line(product.id, product.name, 1, price),)


@step
def complete(known: Sequence[tuple[int, Verdict]], batch: int, *, by: Actor) -> None:
    """Gives history deals the line that a map has made known; writes `deal.amended`, which moves no money."""
    chains = {chain.stream: chain for chain in lock_many([f"deal/{number}" for number, _ in known])}
    found = deals.read([number for number, _ in known])
    drafts = []
    for number, verdict in sorted(known, key=lambda pair: f"deal/{pair[0]}"):
        assert verdict.stated is not None
        was = found[number].view
        now = replace(was, lines=lines(verdict.stated))
        now = replace(now, terms=terms.fingerprint(now))
        body = {
            "after": now.after(),
            "changed": ["lines"],
            "claim": {**verdict.stated.claim, "import": batch, "line": verdict.line},
        }
        drafts.append((chains[f"deal/{number}"], [Draft("deal.amended", body, policy=was.policy_version)]))
    append_many(drafts, by=by)


@lru_cache(maxsize=10_000)
def _start_of(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)
