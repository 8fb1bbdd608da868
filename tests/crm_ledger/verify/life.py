"""Deals that were opened, refused, advanced, amended, booked, un-booked, lost, re-opened and assigned."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from django.db import transaction

from governance.commands import (
    account_holds,
    attestations,
    expansions,
    handshakes,
    holds,
    milestones,
    reservations,
    touchpoints,
    turns,
    waivers,
)
from governance.commands.alerting import acts
from governance.commands.alerting import opening as silences
from governance.commands.targets import linking, setting
from governance.commands.targets.setting import Goal
from governance.queries import breaks
from governance.queries import milestones as rows
from governance.rules.targets import Span
from pipeline.commands import (
    advancing,
    amending,
    closing,
    opening,
    organisation,
    policy_moves,
    references,
    repricing,
)
from pipeline.queries import calendars, deals, seats
from reporting.commands import billing, calls, forecasts, locks, reconciling, sharing
from reporting.rules import periods
from reporting.rules.billing import Stated
from tests import company as companies
from tests import handshake_policy, newer_policy
from tests.closing import closed
from tests.company import Company
from tests.databases import Database

_LINES = itertools.count(1)  # the same words on many deals of one person are refused


def stated(company: Company, **more):
    close = (seats.now() + timedelta(days=30)).date()
    return {
        "amount": "100000.00",
        "currency": "USD",
        "close_on": close.isoformat(),
        "start_on": (close + timedelta(days=20)).isoformat(),
        "account": company.account.pk,
        **companies.INPUTS,
        "economic_buyer": company.contact,
        "need": f"Their packing line {next(_LINES)} stops twice a week",
        **more,
    }


def verify(company: Company, number: int, key: str, submitter: str, verifier: str) -> int:
    row = next(row for row in rows.of_deal(number) if row.key == key)
    milestones.add_value(row.id, "reference", f"proof of {key}", by=company.by(submitter))
    milestones.submit(row.id, by=company.by(submitter), note="please look")
    milestones.verify(row.id, by=company.by(verifier))
    return row.id


def to_commit(company: Company, number: int) -> None:
    assert not advancing.advance(number, "commit", by=company.by("rep")).passed
    assert advancing.advance(number, "solution", by=company.by("rep")).passed
    row = next(row for row in rows.of_deal(number) if row.key == "credit-approved")
    pdf = b"%PDF-1.7 credit " + str(number).encode()
    milestones.add_file(row.id, "credit.pdf", [pdf], len(pdf), pdf, by=company.by("finance"))
    verify(company, number, "delivery-plan-accepted", "ops", "ops2")
    verify(company, number, "credit-approved", "finance", "finance2")
    assert advancing.advance(number, "commit", by=company.by("rep")).passed


def to_booked(company: Company, number: int) -> None:
    verify(company, number, "contract-signed", "rep", "manager")
    verify(company, number, "capacity-confirmed", "ops", "ops2")
    verify(company, number, "billing-terms-verified", "finance", "finance2")
    attest(company, number)
    assert deals.read_one(number).view.stage == "booked"


def attest(company: Company, number: int) -> None:
    terms = deals.read_one(number).view.terms
    for name, function in (("rep", "sales"), ("ops", "operations"), ("finance", "finance")):
        attestations.attest(number, function, terms, by=company.by(name))


def targets(company: Company, deal: int) -> None:
    """An objective with two key results, a plan that was revised, one that was withdrawn, and links of a deal."""
    cro, cfo = company.by("cro"), company.by("cfo")
    quarter = Span("2026-Q4", date(2026, 10, 1), date(2027, 1, 1))
    objective = setting.set_objective("Win the north", quarter, by=cro)
    setting.set_objective("Win the whole north", quarter, by=cro, number=objective)
    held = Goal("key_result", "booked", quarter, 500_000_00, currency="USD", objective=objective, title="Booked")
    result = setting.set_target(held, by=cro)
    dropped = setting.set_target(replace(held, title="Twice"), by=cro)
    setting.withdraw("target", dropped, "the same twice", by=cro)
    east = Span("2026-11", date(2026, 11, 1), date(2026, 12, 1), "east")
    plan = setting.set_target(Goal("plan", "revenue", east, 90_000_00, currency="USD"), by=cfo)
    setting.set_target(Goal("plan", "revenue", east, 80_000_00, currency="USD"), by=cfo, number=plan)
    linking.link(result, deal, "", 40_000_00, by=cro)
    linking.link(plan, deal, "credit-approved", -5_000_00, by=company.by("ops"))
    linking.link(plan, deal, "credit-approved", 0, by=company.by("ops"))


def live(database: Database, seal_all: Callable[[], int]) -> Company:

    company = companies.build()
    rep = company.by("rep")
    organisation.publish_rate("EUR", seats.now().date() - timedelta(days=2), Decimal("1.10"), by=companies.SETUP)
    seal_all()
    first = opening.open_deal("Booked", stated(company), by=rep).id
    to_commit(company, first)
    to_booked(company, first)
    seal_all()
    euro = opening.open_deal("In euro", stated(company, currency="EUR"), by=rep).id
    to_commit(company, euro)
    to_booked(company, euro)
    amending.amend(euro, {"amount": "150000.00", "currency": "EUR"}, by=rep)
    assert deals.read_one(euro).view.stage == "commit"
    row = next(row for row in rows.of_deal(first) if row.key == "capacity-confirmed")
    milestones.revoke(row.id, "the line is down", by=company.by("ops2"))
    assert deals.read_one(first).view.stage == "commit"
    seal_all()
    lost = opening.open_deal("Lost", stated(company), by=rep).id
    closing.lose(lost, "price", by=rep, note="too dear")
    closing.reopen(lost, "they came back", by=rep)
    closing.assign(lost, company.seats["rep2"], by=company.by("manager"))
    back = opening.open_deal("Returned", stated(company), by=rep).id
    to_commit(company, back)
    closing.return_deal(back, "qualify", "they think again", by=rep)
    more = expansions.order("east", 200, seats.now().date(), 0, by=company.by("ops"), note="a second line")
    expansions.verify(more, by=company.by("finance"), note="the order is in the books")
    late = expansions.order("west", 50, seats.now().date(), 400, by=company.by("ops_west"))
    expansions.withdraw(late, "the supplier is gone", by=company.by("ops_west"))
    held = opening.open_deal("Held softly", stated(company), by=rep).id
    assert reservations.reserve(held, by=rep).fits
    amending.amend(held, {"delivery_units": 100, "delivery_months": 4}, by=rep)
    freed = opening.open_deal("Given back", stated(company), by=rep).id
    assert reservations.reserve(freed, by=company.by("ops"), confirm=True).fits
    assert reservations.release(freed, by=rep)
    assert not reservations.reserve(
        opening.open_deal("Too large", stated(company, delivery_units=2000), by=rep).id, by=rep
    ).fits
    organisation.end_seat(company.seats["ops_west"], by=companies.SETUP)
    swiss = opening.open_deal("In a currency without a rate", stated(company, currency="CHF"), by=rep).id
    organisation.publish_rate("CHF", seats.now().date(), Decimal("1.20"), by=companies.SETUP)
    assert repricing.sweep() and deals.read_one(swiss).view.value_minor == 120_000_00
    opening.open_deal("In another", stated(company, currency="GBP"), by=rep)
    opening.open_deal("Empty", {}, by=company.by("rep_west"))
    under = opening.open_deal("Booked under waiver, then repaid", stated(company), by=rep).id
    to_commit(company, under)
    verify(company, under, "capacity-confirmed", "ops", "ops2")
    verify(company, under, "billing-terms-verified", "finance", "finance2")
    attest(company, under)
    day = (seats.now() + timedelta(days=3)).date()
    waivers.ask(under, "contract-signed", "evidence-late", day, "they sign on Monday", by=rep)
    waivers.decide(under, "contract-signed", True, by=company.by("ops"))
    assert deals.read_one(under).view.place == "booked-under-waiver"
    verify(company, under, "contract-signed", "rep", "manager")
    assert deals.read_one(under).view.place == "booked"
    open_still = opening.open_deal("Waived and owed", stated(company), by=rep).id
    assert advancing.advance(open_still, "solution", by=rep).passed
    waivers.ask(open_still, "credit-approved", "other", day, "we call the bank", by=rep)
    waivers.decide(open_still, "credit-approved", True, by=company.by("ops"))
    waivers.ask(open_still, "delivery-plan-accepted", "other", day, "we call the line", by=rep)
    waivers.decide(open_still, "delivery-plan-accepted", False, by=rep)
    organisation.declare_holiday("west", day, "Founders' day", by=companies.SETUP)
    organisation.withdraw_holiday("west", day, by=companies.SETUP)
    organisation.declare_holiday("east", day, "Founders' day", by=companies.SETUP)
    with transaction.atomic():
        alert = silences.of_silence("operations", "east", seats.now() - timedelta(days=7), seats.now())
    acts.acknowledge(alert, by=company.by("ops"))
    acts.explain(alert, "people", "Everybody was away", by=company.by("ops"))
    acts.commit(alert, calendars.of_unit("east").after(day), "We are back", by=company.by("ops"))
    acts.verify(alert, False, by=company.by("rep"), note="nobody answers")
    acts.acknowledge(alert, by=company.by("ops2"))
    foretold = opening.open_deal("Foretold", stated(company), by=rep).id
    to_commit(company, foretold)
    assert reservations.reserve(foretold, by=rep).fits
    forecasts.submit(foretold, "commit", Decimal("0.8"), by=rep)
    for months in (2, 3):
        day = (seats.now() + timedelta(days=31 * months)).date()
        later = {"close_on": day.isoformat(), "start_on": (day + timedelta(days=9)).isoformat()}
        amending.amend(foretold, later, by=rep)
    assert reservations.release(foretold, by=rep)
    stopped = holds.place(first, "dispute", "They dispute the scope", by=company.by("finance"))
    holds.release(first, stopped, by=company.by("finance2"))
    of_all = account_holds.place(company.account.pk, "credit", "Sixty days late", by=company.by("cfo"))
    opening.open_deal("Opened while its account was held", stated(company), by=rep)
    account_holds.release(company.account.pk, of_all, by=company.by("finance"), note="They paid")
    other = references.open_account("Held Freight", by=companies.SETUP).pk
    account_holds.place(other, "compliance", "On a list", by=company.by("coo"))
    event = touchpoints.log(other, "defect", "The second line stands", by=company.by("rep"))
    touchpoints.log(other, "late-payment", "Thirty days late", by=company.by("finance"), hold="credit")
    touchpoints.settle(other, event, by=company.by("ops"), note="It runs")
    moved = opening.open_deal("Moved to a held account", stated(company), by=rep).id
    amending.amend(moved, {"account": other}, by=rep)
    targets(company, open_still)
    sharing.share(company.person("manager").pk, by=rep)
    sharing.look(company.person("rep").pk, "coach", "", by=company.by("manager"))
    sharing.note(company.person("rep").pk, "A new region", by=company.by("manager"))
    sharing.end(by=rep)
    again = opening.open_deal("Booked and kept", stated(company), by=rep).id
    to_commit(company, again)
    to_booked(company, again)
    today = seats.now().date()
    billing.state(again, Stated("invoice", "I-1", today, 60_000_00, "USD"), by=company.by("finance"))
    billing.state(again, Stated("collection", "C-1", today, 90_000_00, "USD"), by=company.by("finance2"))
    assert reconciling.sweep()
    billing.state(again, Stated("invoice", "I-2", today, 20_000_00, "USD"), by=company.by("finance"))
    (apart,) = breaks.open_of([again])[again].values()
    reconciling.recheck(apart.id, by=company.by("finance"))
    billing.state(again, Stated("invoice", "I-3", today, 10_000_00, "USD"), by=company.by("finance"))
    assert reconciling.recheck(apart.id, by=company.by("rep")).found.cleared_at
    month = periods.parse(f"{today:%Y-%m}")
    calls.make("east", month, 90_000_00, 120_000_00, "Two of them slip every year", by=company.by("manager"))
    assert locks.keep(month.first, 30)
    closed(company, periods.beside(month, -1).first)
    for name in ("ops", "ops2"):  # a policy wants two verifiers in each unit
        organisation.fill_seat(company.people[name].pk, "operations", "west", "lead", by=companies.SETUP)
    handshake_policy.publish(company)
    shaken = opening.open_deal("Offered, refused, accepted, void", stated(company), by=rep).id
    assert advancing.advance(shaken, "solution", by=rep).passed
    row = next(row for row in rows.of_deal(shaken) if row.key == "delivery-plan-accepted").id
    handshakes.act(row, "offered", by=rep, day=day)
    handshakes.act(row, "refused", by=company.by("ops"), earliest=day, note="The line is full")
    handshakes.act(row, "offered", by=rep, day=day)
    handshakes.act(row, "accepted", by=company.by("ops2"))
    handshakes.act(row, "withdrawn", by=company.by("ops"), note="The line broke down")
    handshakes.act(row, "offered", by=rep, day=day)
    handshakes.act(row, "accepted", by=company.by("ops2"))
    amending.amend(shaken, {"amount": "1.00", "currency": "USD"}, by=rep)
    handshakes.act(row, "offered", by=rep, day=day)
    at_turns(company)
    newest = newer_policy.publish(company)
    move = policy_moves.draft(1, newest, stages=newer_policy.STAGES, by=company.by("steward"))
    for name, function in (("cro", "sales"), ("coo", "operations"), ("cfo", "finance")):
        policy_moves.sign(move, function, by=company.by(name))
    assert policy_moves.sweep(), "deals under way, in several stages"
    seal_all()
    return company


def at_turns(company: Company) -> None:
    """A question that is withdrawn, one that is answered and one that stays open; hand overs; decisions undone."""
    number = opening.open_deal("Asked about", stated(company), by=company.by("rep")).id
    assert advancing.advance(number, "solution", by=company.by("rep")).passed
    row = next(row for row in rows.of_deal(number) if row.key == "credit-approved").id
    milestones.add_value(row, "reference", "the limit", by=company.by("finance"))
    milestones.submit(row, by=company.by("finance"))
    turns.ask(row, "Which limit?", by=company.by("finance2"))
    assert turns.undo(row, by=company.by("finance2")) == "milestone.unasked"
    turns.ask(row, "Which limit is it?", by=company.by("finance2"))
    turns.answer(row, "The one of the group", by=company.by("finance"))
    turns.hand_over(row, company.person("cfo").pk, by=company.by("finance2"), note="I am away")
    milestones.verify(row, by=company.by("cfo"))
    assert turns.undo(row, by=company.by("cfo")) == "milestone.undone"
    milestones.reject(row, "It is too old", by=company.by("cfo"))
    assert turns.undo(row, by=company.by("cfo")) == "milestone.undone"
    turns.hand_over(row, None, by=company.by("cfo"))
    assert turns.undo(row, by=company.by("cfo")) == "milestone.handed_over"
    turns.ask(row, "Of which year is it?", by=company.by("cfo"))
