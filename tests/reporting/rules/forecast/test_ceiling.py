"""The ceiling of a forecast: what shuts commit and best case, with every reason at once."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.rules.standing import Standing
from pipeline.rules.pushes import Push
from reporting.rules.forecast import categories, ceiling
from tests.pipeline.rules.cases import NOW, POLICY, complete, deal

DEAL = deal()
SURE = ceiling.Known(integrity=100)


def judged(standings, view=DEAL, known=SURE):
    return ceiling.of(POLICY, view, standings, known, NOW, "UTC")


def codes(found):
    return {(reason.code, reason.key) for reason in found.reasons}


def owed(key, due, function="operations"):
    return Standing(key, "unmet", "planned", due_at=due, first_due_at=due, function=function)


def test_everything_verified_and_capacity_held_is_a_commit():
    assert judged(complete(DEAL)) == ceiling.Ceiling("commit")


def test_what_is_due_inside_the_period_supports_a_commit():
    standings = {**complete(DEAL), "contract-signed": owed("contract-signed", NOW + timedelta(days=9), "sales")}
    assert judged(standings).category == "commit"


@pytest.mark.parametrize(
    "standing",
    [
        owed("contract-signed", datetime(2027, 1, 4, tzinfo=UTC), "sales"),
        owed("contract-signed", NOW - timedelta(hours=1), "sales"),
        owed("contract-signed", NOW + timedelta(days=9), ""),
        replace(owed("contract-signed", NOW), due_at=None),
        Standing("contract-signed", "met", "verified", valid_until=NOW),
        Standing("contract-signed", "waived", "granted"),
    ],
    ids=["after-the-period", "overdue", "no-owner", "no-date", "run-out", "waived"],
)
def test_a_milestone_that_does_not_support_a_commit(standing):
    found = judged({**complete(DEAL), "contract-signed": standing})
    assert (found.category, codes(found)) == ("best_case", {("FORECAST-3", "contract-signed")})
    assert not found.shut("best_case") and found.shut("commit")


def test_capacity_pushes_and_integrity_are_each_a_reason():
    standings = complete(DEAL)
    del standings["capacity-reserved"]
    moved = tuple(Push(NOW + timedelta(days=at), date(2026, 8 + at, 1), date(2026, 9 + at, 1)) for at in range(3))
    found = judged(standings, known=ceiling.Known(79, moved))
    assert codes(found) == {("FORECAST-4", "capacity-reserved"), ("FORECAST-6", "pushes"), ("FORECAST-7", "integrity")}
    assert judged(complete(DEAL), known=ceiling.Known(80, moved[:2])).category == "commit"


def test_without_an_economic_buyer_it_is_pipeline():
    view = deal(inputs={**DEAL.inputs, "economic_buyer": None})
    found = judged(complete(view), view)
    assert found.category == "pipeline"
    assert {reason.key for reason in found.shut("best_case")} == {"economic_buyer"}
    assert judged(complete(DEAL), deal(amount_minor=0)).category == "pipeline"


def test_a_closed_deal_is_omitted():
    assert judged({}, deal(stage="lost")).category == "omitted"


@given(st.sets(st.sampled_from(sorted(complete(DEAL)))), st.integers(0, 100), st.sampled_from(categories.CHOICES))
def test_a_choice_above_the_ceiling_is_refused_with_reasons_and_one_at_it_is_not(missing, integrity, wanted):
    standings = {key: one for key, one in complete(DEAL).items() if key not in missing}
    found = judged(standings, known=ceiling.Known(integrity))
    assert bool(found.shut(wanted)) == (categories.rank(wanted) > categories.rank(found.category))


@given(st.sets(st.sampled_from(sorted(complete(DEAL)))), st.sampled_from(sorted(complete(DEAL))))
def test_less_in_the_record_never_lifts_a_ceiling(missing, further):
    def sure(gone):
        held = {key: one for key, one in complete(DEAL).items() if key not in gone}
        return categories.rank(judged(held).category)

    assert sure({*missing, further}) <= sure(missing)
