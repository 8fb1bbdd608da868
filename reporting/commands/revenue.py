"""Keeps the book of revenue in line with the facts of a deal, in the transaction in which they change."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from governance.queries import slips as past
from ledger.commands.append import Draft, append
from ledger.rules.actor import Actor
from ledger.rules.chain import Chain
from ledger.rules.postings import BOOKED
from ledger.rules.postings import Cause as Why
from ledger.transactions import step
from pipeline.queries import deals, organisation, policies
from pipeline.queries.deals import Deal
from pipeline.queries.organisation import Company
from pipeline.rules import slips
from pipeline.rules.policy import Policy
from pipeline.rules.schedule import Cause, Terms
from reporting.queries import revenue as query
from reporting.rules import revenue as rules
from reporting.rules import revenue_entries as said
from reporting.rules.revenue import Owner, State


@step
def schedule(number: int, chain: Chain, *, by: Actor) -> None:
    """A deal was booked: writes `revenue.scheduled` with what was agreed, and what is expected already of it."""
    company = organisation.company()
    deal = deals.read_one(number)
    policy = policies.version(deal.view.policy_version)
    terms = slips.terms(policy, deal.view, deal.standings, company.timezone)
    if deal.view.place != BOOKED or terms is None:
        return
    owner = Owner(deal.view.unit, deal.view.owner)
    causes = _causes(policy, deal, terms, chain, company, {})
    body = {"terms": rules.terms_body(terms), "unit": owner.unit, "owner": owner.seat}
    _write(
        "revenue.scheduled", body, number, chain, terms, causes, "scheduled", owner, "won", company, policy.version, by
    )


@step
def restate(number: int, chain: Chain, why: Why, *, by: Actor, estimates: Mapping[str, int] | None = None) -> None:
    """Writes `variance.recorded` when the milestones of a booked deal move its revenue otherwise than the book says."""
    agreed = query.scheduled(number)
    deal = deals.read_one(number)
    if agreed is None or deal.view.place != BOOKED:
        return
    company, terms = organisation.company(), said.terms_of(agreed)
    policy = policies.version(deal.view.policy_version)
    causes = _causes(policy, deal, terms, chain, company, estimates or {})
    _vary(number, chain, agreed, causes, "scheduled", why, company, policy.version, by)


@step
def withdraw(number: int, chain: Chain, state: State, why: Why, *, by: Actor) -> None:
    """A deal is booked no more: nothing is expected of it, and of a cancelled one all is forgone."""
    last = query.newest(number)
    agreed = query.scheduled(number) if last is not None else None
    if last is None or agreed is None:
        return
    _vary(number, chain, agreed, said.causes_of(last), state, why, organisation.company(), None, by)


def _vary(
    number: int, chain: Chain, agreed: Mapping[str, Any], causes: tuple[Cause, ...], state: State, why: Why,
    company: Company, policy: int | None, by: Actor,
) -> None:  # fmt: skip
    terms, owner = said.terms_of(agreed), said.owner_of(agreed)
    _write("variance.recorded", {}, number, chain, terms, causes, state, owner, why, company, policy, by)


def _write(
    kind: str, body: dict[str, Any], number: int, chain: Chain, terms: Terms, causes: tuple[Cause, ...], state: State,
    owner: Owner, why: Why, company: Company, policy: int | None, by: Actor,
) -> None:  # fmt: skip
    """As many entries as the postings need: nearly always one, and none when nothing moves."""
    body = {**body, "causes": rules.causes_body(causes), "state": state, "why": why}
    held = query.held(number)
    while lines := rules.moves(number, held, terms, causes, state, owner, why, company.currency):
        append(chain, Draft(kind, body, postings=lines, policy=policy), by=by)
        held = rules.after(held, lines)


def _causes(
    policy: Policy, deal: Deal, terms: Terms, chain: Chain, company: Company, known: Mapping[str, int]
) -> tuple[Cause, ...]:
    overdue = [
        key for key, standing in deal.standings.items()
        if key in policy.milestones and key not in known and slips.is_overdue(standing, chain.now)
    ]  # fmt: skip
    estimates = {**past.typical(overdue, deal.view.unit, company.timezone), **known}
    return slips.causes(policy, terms.start, deal.standings, chain.now, company.timezone, estimates)
