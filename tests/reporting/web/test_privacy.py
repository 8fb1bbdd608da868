"""What one person foretold is theirs: shared by them, looked at for a purpose, each look on record, never ranked."""

import pytest
from django.db import transaction
from django.test import Client
from django.urls import get_resolver

from ledger.rules import moments
from ledger.rules.problems import Problem
from pipeline.queries import organisation, seats
from reporting.commands import sharing
from reporting.queries import forecast_accuracy, teams
from reporting.queries import sharing as query
from reporting.queries.measures import MEASURES
from reporting.queries.measuring import Asked
from reporting.rules import privacy
from tests import forging
from tests.programs import Program


def person(company, who="rep"):
    return company.person(who).pk


def browser(company, who):
    client = Client()
    client.force_login(company.person(who))
    return client


def look(company, who, purpose="coach", about=""):
    with transaction.atomic():
        sharing.look(person(company), purpose, about, by=company.by(who))


def refused(company, who, purpose="coach", about=""):
    with pytest.raises(Problem) as problem:
        look(company, who, purpose, about)
    return problem.value.slug


def test_a_coach_sees_it_only_when_it_is_shared_and_each_look_is_listed(company):
    assert refused(company, "manager") == "not-found"
    sharing.share(person(company, "manager"), by=company.by("rep"))
    page = browser(company, "manager").get(f"/forecast/people/{person(company)}/?purpose=coach")
    assert page.status_code == 200 and b"Forecast of Rep" in page.content
    mine = browser(company, "rep").get("/me/forecast/").content.decode()
    assert "Manager" in mine and "coach" in mine and [one.purpose for one in query.looks(person(company))] == ["coach"]
    sharing.end(by=company.by("rep"))
    assert refused(company, "manager") == "not-found"
    assert browser(company, "manager").get(f"/forecast/people/{person(company)}/").status_code == 404


@pytest.mark.parametrize("who", ["rep2", "manager_west", "cro", "ops", "admin"])
def test_nobody_else_may_be_the_coach_or_look(company, who):
    with pytest.raises(Problem), transaction.atomic():
        sharing.share(person(company, who), by=company.by("rep"))
    for purpose in (*privacy.PURPOSES, "", "rank"):
        assert refused(company, who, purpose, "1") == "not-found"


def test_figures_leave_the_team_only_with_a_context_note(company):
    assert refused(company, "auditor", "audit") == "context-note-missing"
    with pytest.raises(Problem), transaction.atomic():
        sharing.note(person(company), "A new region", by=company.by("rep2"))
    sharing.note(person(company), "A new region, two quarters old", by=company.by("manager"))
    look(company, "auditor", "audit")
    assert [one.purpose for one in query.looks(person(company))] == ["audit"]


def test_the_database_holds_the_floor(company):
    stream = f"sharing/{person(company)}"
    with forging.refused("only_a_person_shares_their_own"):
        forging.write(stream, "sharing.given", {"coach": person(company, "manager")}, actor=person(company, "manager"))
    for purpose in ("coach", "audit", "alert"):
        with forging.refused("a_look_has_a_purpose_that_stands"):
            forging.write(stream, "sharing.looked", {"purpose": purpose, "about": "1"}, actor=person(company, "cro"))


def test_no_filter_order_export_or_moment_gets_round_it(company):
    """No call takes a seat, a person or an order; no measure groups by one; one's page has no past and no file."""
    manager = Program(company, "manager")
    for ask in ("seat=1", "owner=1", "person=1", "by=seat", "order=bias", "sort=-bias", "group=owner", "limit=1"):
        manager.get(f"/forecast/?{ask}", 422)
    for measure in MEASURES.values():
        assert not {"seat", "owner", "person", "rep"} & set(measure.ways)
        manager.get(f"/measures/{measure.name}/?by=owner", 422)
    page = browser(company, "rep")
    assert page.get(f"/me/forecast/?as_of={moments.text(seats.now())}").status_code == 422
    for end in ("csv", "xlsx", "json"):
        assert page.get(f"/me/forecast/forecast.{end}").status_code == 404
    with transaction.atomic():
        answer = manager.send("POST", "/exports/", {"measure": "forecast-accuracy"})
        transaction.set_rollback(True)
    assert answer.status_code in (404, 422)


def test_no_address_ranks_people():
    words = ("rank", "leader", "league", "top-")
    found = [str(pattern.pattern) for pattern in get_resolver().url_patterns]
    assert not [one for one in found if any(word in one for word in words)]


def test_teams_under_five_are_shown_by_nobody(company):
    """Two reps in the east, one in the west: all together too few."""
    assert {unit: len(held) for unit, held in teams.seats().items()} == {"east": 2, "west": 1}
    assert teams.groups() == ()
    said = Program(company, "cro").get("/forecast/").json()
    assert (said["accuracy"], said["teams"]) == (None, [])


def test_a_group_tells_nothing_of_months_in_which_few_have_spoken(company):
    question = Asked(organisation.company(), seats.now())
    assert forecast_accuracy.of_units(question, ["east", "west"]).months == ()
    assert forecast_accuracy.together([]).figures.count == 0
