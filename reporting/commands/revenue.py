"""Keeps the book of revenue in line with the facts of a deal, in the transaction in which they change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from governance.commands.deadlines import Estimates
from ledger.commands.append import Draft, append, append_many
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
from reporting.queries.revenue import Known
from reporting.rules import revenue as rules
from reporting.rules import revenue_entries as said
from reporting.rules.revenue import Owner, Plan, State


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
    known = query.known([number]).get(number) or Known({}, {})
    causes = causes_of(policy, deal, terms, chain, company, Estimates(company).of(policy, deal, chain.now))
    plan = Plan(terms, causes, "scheduled", owner, day_of(chain, company).replace(day=1))
    body = {"terms": rules.terms_body(terms), "unit": owner.unit, "owner": owner.seat}
    write("revenue.scheduled", body, number, chain, plan, known, "won", company, policy.version, by)


@step
def restate(number: int, chain: Chain, why: Why, *, by: Actor) -> None:
    """Writes `variance.recorded` when the milestones of a booked deal move its revenue otherwise than the book says."""
    known = query.known([number]).get(number)
    deal = deals.read_one(number)
    if known is None or deal.view.place != BOOKED:
        return
    company = organisation.company()
    policy = policies.version(deal.view.policy_version)
    plan = plan_of(policy, deal, known, chain, company, Estimates(company).of(policy, deal, chain.now))
    write("variance.recorded", {}, number, chain, plan, known, why, company, policy.version, by)


@step
def restate_many(missed: Sequence[tuple[Chain, str, int]], *, by: Actor) -> None:
    """The same for many deals at once, each as (chain, milestone, days that what is overdue takes), and a deal as often
    as it missed something: as many statements as for one."""
    estimates: dict[int, dict[str, int]] = {}
    chains: dict[int, Chain] = {}
    for chain, key, days in missed:
        number = int(chain.stream.split("/")[1])
        estimates.setdefault(number, {})[key] = days
        chains[number] = chain
    known, found, company = query.known(chains), deals.read(chains), organisation.company()
    medians, batch = Estimates(company), []
    for number, chain in chains.items():
        deal = found[number]
        if number not in known or deal.view.place != BOOKED:
            continue
        policy = policies.version(deal.view.policy_version)
        guessed = medians.of(policy, deal, chain.now, estimates[number])
        plan, today = plan_of(policy, deal, known[number], chain, company, guessed), day_of(chain, company)
        written = drafts(
            "variance.recorded", {}, number, today, plan, known[number], "milestone_miss", company, policy.version
        )
        batch.append((chain, written))
    append_many(batch, by=by)


@step
def withdraw(number: int, chain: Chain, state: State, why: Why, *, by: Actor) -> None:
    """A deal is booked no more: nothing is expected of it, and of a cancelled one all that was not delivered is
    forgone."""
    known = query.known([number]).get(number)
    if known is None:
        return
    company = organisation.company()
    was = said.plan_of(known.agreed, known.last)
    through = rules.through(state, was.state, was.through, day_of(chain, company))
    plan = was._replace(state=state, through=through)
    write("variance.recorded", {}, number, chain, plan, known, why, company, None, by)


def plan_of(
    policy: Policy, deal: Deal, known: Known, chain: Chain, company: Company, estimates: Mapping[str, int]
) -> Plan:
    """What the book should say of a booked deal by now."""
    terms, owner = said.terms_of(known.agreed), said.owner_of(known.agreed)
    causes = causes_of(policy, deal, terms, chain, company, estimates)
    return Plan(terms, causes, "scheduled", owner, day_of(chain, company).replace(day=1))


def write(
    kind: str, body: dict[str, Any], number: int, chain: Chain, plan: Plan, known: Known, why: Why,
    company: Company, policy: int | None, by: Actor,
) -> None:  # fmt: skip
    """As many entries as the postings need: nearly always one, and none when nothing moves."""
    append(chain, *drafts(kind, body, number, day_of(chain, company), plan, known, why, company, policy), by=by)


def drafts(
    kind: str, body: dict[str, Any], number: int, today: date, plan: Plan, known: Known, why: Why,
    company: Company, policy: int | None, *, always: bool = False,
) -> list[Draft]:  # fmt: skip
    """`always`: one entry at least, also when nothing moves."""
    held, found, goal = known.held, list[Draft](), rules.wanted(plan)
    body = {**body, "causes": rules.causes_body(plan.causes), "state": plan.state, "why": why, "through": plan.through,
            "look_on": rules.look_on(plan, today, goal)}  # fmt: skip
    while (lines := rules.moves(number, held, plan, why, company.currency, goal)) or (always and not found):
        found.append(Draft(kind, body, postings=lines, policy=policy))
        if len(lines) < rules.MOST_LINES:
            break
        held = rules.after(held, lines)
    return found


def day_of(chain: Chain, company: Company) -> date:
    """The day, in the company's zone, on which the next entry of a chain is written."""
    return company.day_of(chain.next_moment())


def causes_of(
    policy: Policy, deal: Deal, terms: Terms, chain: Chain, company: Company, estimates: Mapping[str, int]
) -> tuple[Cause, ...]:
    return slips.causes(policy, terms.start, deal.standings, chain.now, company.timezone, estimates)
