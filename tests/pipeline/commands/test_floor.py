"""The floor under the gate: what PostgreSQL refuses when somebody writes entries past the commands.

Seen to fail: with the call of `pipeline_check_deal` taken out of pipeline_move_deal every smuggled change below is
written; with `pipeline_check_gate` taken out, every lying decision.
"""

import pytest
from django.db import connection

from ledger.rules import money
from ledger.rules.envelope import parse
from pipeline.commands import closing
from pipeline.models import Deal
from pipeline.queries import policies, seats
from tests import forging, walking
from tests.forging import after, refused, write
from tests.walking import view

SHUT = "a_deal_advances_only_through_an_open_gate"


def decision(number, to, **results):
    """A decision that claims every requirement of the gate as met, and what `results` claims instead."""
    policy = policies.version(view(number).policy_version)
    said = {need.key: "met" for need in policy.stage(to).gate} | results
    return {
        "policy": policy.version, "from": view(number).stage, "to": to, "passed": True, "facts": "0" * 64,
        "results": [[key, state, None] for key, state in said.items() if state],
    }  # fmt: skip


def lines(number, to, period=None, amount=None, lie=()):
    """Postings that take the value of a deal from where it stands to another place."""
    was = view(number)
    line = {"book": "bookings", "unit": was.unit, "deal": number, "seat": was.owner, "currency": "USD", "cause": "won"}
    value = was.value_minor if amount is None else amount
    return [
        line | {"place": was.place, "period": was.period.isoformat(), "amount": -value},
        line | {"place": to, "period": period or was.period.isoformat(), "amount": value} | dict(lie),
    ]


def advanced(number, to, **said):
    """The body of an advance that tells the truth."""
    state = {"stage": to, "place": f"pipeline/{to}"}
    return {
        "after": after(number, **state),
        "decision": decision(number, to),
        "postings": lines(number, state["place"]),
    } | said


@pytest.fixture
def deal(company):
    return walking.opened(company)


def test_the_truth_is_written_past_the_commands_too(deal):
    """Otherwise the refusals below would prove nothing."""
    write(f"deal/{deal}", "deal.advanced", advanced(deal, "solution"))
    assert view(deal).stage == "solution"


LIES_OF_AN_ADVANCE = [
    ("stages_may_not_be_skipped", "commit", {}),
    ("stages_may_not_be_skipped", "booked", {}),
    ("stages_may_not_be_skipped", "qualify", {}),
    ("an_advance_carries_its_decision", "solution", {"decision": None}),
    ("an_advance_carries_its_decision", "solution", {"decision": {}}),
    ("postings_say_what_the_deal_moves", "solution", {"postings": []}),
]


def test_a_lying_advance(deal, subtests):
    for name, to, said in LIES_OF_AN_ADVANCE:
        with subtests.test(to=to, said=said), refused(name):
            write(f"deal/{deal}", "deal.advanced", advanced(deal, to, **said))


def test_a_decision_of_another_gate(deal, subtests):
    for said in ({"passed": False}, {"policy": 99}, {"to": "commit"}, {"from": "commit"}):
        with subtests.test(said=said), refused("an_advance_carries_its_decision"):
            lie = decision(deal, "solution") | said
            write(f"deal/{deal}", "deal.advanced", advanced(deal, "solution", decision=lie))


def test_a_requirement_that_is_not_met(deal, subtests):
    for claim in (None, "unmet", "waived", "not_applicable", "splendid"):
        with subtests.test(claim=claim), refused(SHUT):
            lie = decision(deal, "solution", need=claim)
            write(f"deal/{deal}", "deal.advanced", advanced(deal, "solution", decision=lie))


def test_an_input_claimed_but_not_given(company):
    number = walking.opened(company, need="")
    with refused(SHUT):
        write(f"deal/{number}", "deal.advanced", advanced(number, "solution"))


def test_a_milestone_claimed_but_not_verified(company):
    number = walking.solution(company)
    walking.submitted(company, number, "credit-approved", "finance")
    walking.verified(company, number, "delivery-plan-accepted")
    with refused(SHUT):
        write(f"deal/{number}", "deal.advanced", advanced(number, "commit"))


def test_a_milestone_without_standing_at_all(company):
    number = walking.opened(company)
    write(f"deal/{number}", "deal.advanced", advanced(number, "solution"))  # no reaction has planned anything
    with refused(SHUT):
        write(f"deal/{number}", "deal.advanced", advanced(number, "commit"))


def test_a_booking_whose_attestation_is_missing(company):
    number = walking.ready(company)
    walking.attested(company, number, "sales", "operations")
    with refused(SHUT):
        write(f"deal/{number}", "booking.recorded", booking(number))


def booking(number, **said):
    month = seats.now().date().replace(day=1).isoformat()
    state = after(number, stage="booked", place="booked", period=month)
    return {"after": state, "decision": decision(number, "booked"), "postings": lines(number, "booked", month)} | said


def test_terms_changed_behind_an_attestation(company):
    """Two amendments past the command: to other terms, and back to the fingerprint that was signed."""
    number = walking.ready(company)
    walking.attested(company, number, "sales", "operations")
    was = view(number)
    write(f"deal/{number}", "deal.amended", repriced(number, 90_000_00, terms="f" * 64))
    write(f"deal/{number}", "deal.amended", repriced(number, 100_000_00, terms=was.terms))
    attest(company, number, "finance", was.terms)
    with refused(SHUT):
        write(f"deal/{number}", "booking.recorded", booking(number))


def attest(company, number, function, terms):
    body = {
        "key": f"attested-{function}",
        "requirement": "attestation",
        "function": function,
        "facts": {"terms": terms},
    }
    write(f"deal/{number}", "attestation.given", body, actor=company.people[walking.SIGNERS[function]].pk)


def repriced(number, amount, **changes):
    was = view(number)
    line = {"book": "bookings", "unit": was.unit, "deal": number, "seat": was.owner, "currency": "USD",
            "cause": "amount", "period": was.period.isoformat()}  # fmt: skip
    more = amount - was.value_minor
    return {
        "after": after(number, amount_minor=amount, value_minor=amount, **changes),
        "postings": [line | {"place": was.place, "amount": more}, line | {"place": "source", "amount": -more}],
    }


def test_a_verification_that_has_become_stale(company):
    """An amendment past the command, which would have written `milestone.staled`."""
    number = walking.ready(company)
    write(f"deal/{number}", "deal.amended", repriced(number, 110_000_00, terms="f" * 64))
    for function in walking.SIGNERS:
        attest(company, number, function, "f" * 64)
    with refused(SHUT):
        write(f"deal/{number}", "booking.recorded", booking(number))


OWNER = "owner_changes_only_by_assignment"
SMUGGLED = [
    ("terms_change_only_by_an_amendment", {"amount_minor": 1, "value_minor": 1}),
    ("terms_change_only_by_an_amendment", {"currency": "EUR"}),
    ("terms_change_only_by_an_amendment", {"close_on": "2027-01-01"}),
    ("terms_change_only_by_an_amendment", {"start_on": None}),
    ("terms_change_only_by_an_amendment", {"account": None}),
    ("terms_change_only_by_an_amendment", {"terms": "f" * 64}),
    ("terms_change_only_by_an_amendment", {"inputs": {}}),
    ("terms_change_only_by_an_amendment", {"lines": [{"product": 1, "name": "x", "quantity": 1, "price_minor": 1}]}),
    ("terms_change_only_by_an_amendment", {"credits": [1]}),
    ("terms_change_only_by_an_amendment", {"input_at": {"need": 1}}),
    ("a_value_is_its_amount_at_the_rate", {"value_minor": 10**12}),
    ("a_value_is_its_amount_at_the_rate", {"value_minor": None}),
    ("value_stands_where_its_stage_says", {"place": "booked"}),
    ("value_stands_where_its_stage_says", {"place": "pipeline/nowhere"}),
    ("value_stands_where_its_stage_says", {"place": None, "period": None}),
    ("value_stands_where_its_stage_says", {"period": "2030-01-01"}),
    ("a_deal_keeps_its_policy", {"policy_version": 2}),
]
ACTS = {
    "deal.returned": {"private": [{"name": "reason", "id": "x", "mac": "x"}], "stage": "qualify"},
    "deal.lost": {"reason": "price", "stage": "lost", "place": "lost"},
    "deal.advanced": {"stage": "commit"},
}


@pytest.mark.parametrize("kind", ACTS)
def test_no_act_smuggles_another_change(company, subtests, kind):
    number = walking.solution(company)
    if kind == "deal.advanced":
        for key in walking.BEFORE_COMMIT:
            walking.verified(company, number, key)
    act = dict(ACTS[kind])
    private, stage = act.pop("private", []), act.pop("stage")
    place = act.pop("place", f"pipeline/{stage}")
    if kind == "deal.advanced":
        act["decision"] = decision(number, stage)
    act["postings"] = lines(number, place)
    for name, changes in [*SMUGGLED, (OWNER, {"owner": company.seats["rep2"]}), (OWNER, {"unit": "west"})]:
        with subtests.test(changes=changes), refused(name, SHUT, NOT_SO):
            state = after(number, **({"stage": stage, "place": place} | changes))
            write(f"deal/{number}", kind, {"after": state, **act}, private=private)


def test_kinds_that_do_not_move_a_deal(deal, subtests):
    for kind in ("deal.amended", "deal.assigned"):
        with subtests.test(kind=kind), refused("only_some_kinds_move_a_deal"):
            write(f"deal/{deal}", kind, {"after": after(deal, stage="booked")})
    for kind in OTHERS:
        with subtests.test(kind=kind), refused("only_what_moves_a_deal_states_its_state"):
            write(f"deal/{deal}", kind, {"after": after(deal, value_minor=1)})
        with subtests.test(kind=kind), refused("postings_say_what_the_deal_moves"):
            body = {"key": "x", "requirement": "milestone", "function": "sales", "postings": lines(deal, "booked")}
            write(f"deal/{deal}", kind, body)


def test_no_act_on_a_deal_without_what_it_becomes(deal, subtests):
    for kind in ("deal.advanced", "booking.recorded", "deal.lost", "booking.reversed"):
        with subtests.test(kind=kind), refused("only_what_moves_a_deal_states_its_state"):
            write(f"deal/{deal}", kind, {"decision": decision(deal, "solution"), "reason": "price"})


OTHERS = ("gate.refused", "evidence.added", "milestone.planned")
NOT_SO = "postings_say_what_the_deal_moves"
FALSE_POSTINGS = [
    (NOT_SO, {"place": "booked"}),
    (NOT_SO, {"period": "2030-01-01"}),
    (NOT_SO, {"unit": "west"}),
    (NOT_SO, {"seat": 999}),
    (NOT_SO, {"deal": 999}),
    (NOT_SO, {"currency": "EUR"}),
    (NOT_SO, {"book": "revenue"}),
    (NOT_SO, {"amount": 1}),
]


def test_postings_that_are_not_what_the_state_moves(deal, subtests):
    for name, lie in FALSE_POSTINGS:
        with subtests.test(lie=lie), refused(name):
            body = advanced(deal, "solution", postings=lines(deal, "pipeline/solution", lie=lie))
            write(f"deal/{deal}", "deal.advanced", body)


def test_postings_in_another_currency_throughout(deal):
    foreign = [line | {"currency": "EUR"} for line in lines(deal, "pipeline/solution")]
    with refused("postings_say_what_the_deal_moves"):
        write(f"deal/{deal}", "deal.advanced", advanced(deal, "solution", postings=foreign))


def test_an_amendment_that_changes_postings_only(deal):
    with refused("postings_say_what_the_deal_moves"):
        write(f"deal/{deal}", "deal.amended", {"after": after(deal), "postings": lines(deal, "booked")})


def test_other_terms_under_the_same_fingerprint(deal):
    with refused("other_terms_have_another_fingerprint"):
        write(f"deal/{deal}", "deal.amended", repriced(deal, 1))


def test_a_second_opening(deal):
    with refused("a_deal_is_opened_once"):
        write(f"deal/{deal}", "deal.opened", {"after": after(deal), "postings": []})


def test_an_act_on_a_deal_that_is_not_open(deal):
    with refused("a_deal_begins_by_opening"):
        write("deal/999999", "gate.refused", {})


def test_a_deal_has_one_stream(deal, subtests):
    """Another spelling of the number would be another chain that moves the same state."""
    for stream in ("deal/0{}", "deal/{}/x", "deal/+{}", "deal/{} ", "deal/x", "deal/", "deal/-1"):
        with subtests.test(stream=stream), refused("a_stream_of_a_deal_bears_its_number"):
            write(stream.format(deal), "gate.refused", {})


OPENINGS = [
    ("a_deal_opens_in_the_first_stage", {"stage": "commit"}),
    ("a_deal_opens_in_the_first_stage", {"stage": "booked"}),
    ("a_deal_opens_in_the_first_stage", {"stage": "history"}),
    ("a_deal_opens_under_the_policy_in_force", {"policy_version": 99}),
    ("a_deal_is_owned_from_a_sales_seat_of_its_unit", {"unit": "west"}),
    ("value_stands_where_its_stage_says", {"place": "booked"}),
    ("a_value_is_its_amount_at_the_rate", {"value_minor": 7}),
    ("postings_say_what_the_deal_moves", {}),
]


def test_a_lying_opening(company, deal, subtests):
    fresh = Deal.objects.create(title="Fresh").pk
    strangers = ("a_deal_is_owned_from_a_sales_seat_of_its_unit", {"owner": company.seats["ops"]})
    for name, changes in [*OPENINGS, strangers]:
        with subtests.test(changes=changes), refused(name):
            write(f"deal/{fresh}", "deal.opened", {"after": after(deal, **changes)})


def test_a_return_forward_and_a_return_without_a_reason(deal):
    with refused("a_deal_returns_to_an_earlier_stage"):
        write(f"deal/{deal}", "deal.returned", advanced(deal, "solution"))
    write(f"deal/{deal}", "deal.advanced", advanced(deal, "solution"))
    back = {
        "after": after(deal, stage="qualify", place="pipeline/qualify"),
        "postings": lines(deal, "pipeline/qualify"),
    }
    with refused("a_step_back_has_its_reason"):
        write(f"deal/{deal}", "deal.returned", back)


def test_a_loss_without_a_reason_and_a_deal_reopened_that_is_open(deal):
    lost = {"after": after(deal, stage="lost", place="lost"), "postings": lines(deal, "lost")}
    with refused("a_deal_is_lost_with_a_reason"):
        write(f"deal/{deal}", "deal.lost", lost)
    with refused("a_lost_deal_reopens_in_the_first_stage"):
        write(f"deal/{deal}", "deal.reopened", {"after": after(deal)})


def test_a_lost_deal_reopens_nowhere_else(company, deal):
    closing.lose(deal, "price", by=company.by("rep"))
    with refused("a_lost_deal_reopens_in_the_first_stage"):
        write(f"deal/{deal}", "deal.reopened", {"after": after(deal, stage="commit", place="pipeline/commit")})


def test_a_reversal_of_what_is_not_booked(deal):
    with refused("a_deal_returns_to_an_earlier_stage"):
        write(f"deal/{deal}", "booking.reversed", {"after": after(deal)})


def test_decimals_of_currencies_agree_with_the_rules(company):
    with connection.cursor() as cursor:
        cursor.execute("SELECT c, pipeline_decimals(c) FROM unnest(%s::text[]) AS c", [sorted(money.DECIMALS)])
        assert dict(cursor.fetchall()) == money.DECIMALS


def test_forging_writes_what_the_product_writes(company, deal):
    """The forger's envelope has the fields of the real one, or its refusals would be of another kind."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT envelope FROM ledger_entry WHERE stream = %s", [f"deal/{deal}"])
        real = bytes(cursor.fetchone()[0])
    assert forging.envelope(f"deal/{deal}", "gate.refused", {}).keys() == parse(real).keys()
    assert forging.canonical(parse(real)) == real
