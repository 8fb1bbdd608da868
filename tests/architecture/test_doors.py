"""The rule is the same through every door. Doors are found by reading the code; doors/ lists each under its app.

Seen to fail: with a path added to pipeline/web/urls.py, with `lose` called from the advance page, with the channel of
the API spelled `web`, and with `permissions.check_can_act` instead of the gate in advancing.py.
"""

import importlib
import inspect
import pkgutil
from pathlib import Path

import pytest
from django.apps import apps
from django.contrib import admin
from django.test import Client
from rest_framework.serializers import BaseSerializer

from ledger.queries import entries
from pipeline.queries import deals
from tests import walking
from tests.architecture import walker
from tests.architecture.doors import every as doors
from tests.programs import Program


@pytest.fixture(scope="module")
def found():
    every = {}
    for door, name in walker.doors():
        every.setdefault(door, set()).update(walker.reached(name))
    return every


def test_every_door_is_listed_with_what_it_reaches(found):
    writes = {door: reached - {"idempotency.once"} for door, reached in found.items() if reached - {"idempotency.once"}}
    assert writes == doors.WRITES
    assert set(found) - set(writes) == doors.READS


def test_every_door_is_listed_once_and_under_its_own_app():
    """The tables of reactions are of the composition root, whoever's function they name."""
    home = {door: "crm_ledger" if door.split()[0] in ("reaction", "topic") else name.split(".")[0]
            for door, name in walker.doors()}  # fmt: skip
    listed = [(door, name) for name, app in doors.APPS.items() for door in (*app.WRITES, *app.READS)]
    assert len(listed) == len(home) and dict(listed) == home


def test_the_walk_sees_through_helpers(found):
    """Or an empty answer would prove nothing."""
    assert "advancing.advance" in walker.reached("pipeline.web.acts.advance")
    assert walker.reached("pipeline.web.listing.deals") == frozenset()
    assert {door for door, reached in found.items() if "advancing.advance" in reached} == {
        "POST /api/v1/deals/<str:ref>/advances/",
        "page /deals/<str:ref>/advances/",
        "manage.py demo",
    }


def test_reading_moves_nothing(found):
    safe = [door for door in found if door.startswith("GET ")]
    assert safe and not [door for door in safe if found[door] & doors.MOVES]


def test_what_moves_a_deal_is_sent_once(found):
    """A repeated request changes nothing. An import knows its rows again by their own ids."""
    by_hand = [door for door, reached in found.items() if reached & doors.MOVES and "import" not in door]
    edge = [door for door in by_hand if door.split()[0] in ("page", "POST", "PATCH", "PUT", "DELETE")]
    assert len(edge) > 15
    assert [door for door in edge if "idempotency.once" not in found[door]] == []


def test_admin_and_accounts_reach_no_deal():
    """The admin holds users and settings of others' packages only; none of its pages or actions knows our tables."""
    ours = {app.label for app in apps.get_app_configs() if app.name in walker.APPS}
    registered = {model._meta.label for model in admin.site._registry}
    assert registered == {"auth.Group", "account.EmailAddress", "mfa.Authenticator"}
    assert not {label.split(".")[0] for label in registered} & ours
    actions = {name for held in admin.site._registry.values() for name in held.actions}
    assert actions == {"make_verified"}
    assert [name for name, _ in admin.site.actions] == ["delete_selected"]


def modules(*rooms):
    for app in walker.APPS:
        package = importlib.import_module(app)
        for found in pkgutil.walk_packages(package.__path__, f"{app}."):
            if any(f".{room}" in found.name for room in rooms):
                yield importlib.import_module(found.name)


def test_no_serializer_binds_a_model():
    """What a program may set is read field by field; a model serializer would offer columns by itself."""
    bound = [name for module in modules("api") for name, value in vars(module).items()
             if inspect.isclass(value) and issubclass(value, BaseSerializer) and hasattr(value, "Meta")]  # fmt: skip
    assert bound == []


def test_views_ask_no_model():
    files = [Path(module.__file__) for module in modules("web", "api")]
    assert len(files) > 50
    assert [str(file) for file in files if ".objects" in file.read_text()] == []


def not_ready(company, number):
    """What a deal in `solution` that has none of its milestones answers, and what the record then says."""
    entry = entries.timeline(f"deal/{number}")[0]
    return entry.kind, entry.channel, [result[:2] for result in entry.body["decision"]["results"]]


def by_page(company, number):
    client = Client()
    client.force_login(company.person("rep"))
    client.post(f"/deals/{deals.ref_of(number)}/advances/", {"to_stage": "commit"})


def by_api(company, number):
    assert ask(company, "rep", number, "commit").json()["type"].endswith("gate-refused")


def ask(company, who, number, to):
    seen = f'"{deals.read_one(number).view.version}"'
    return Program(company, who).post(
        f"/deals/{deals.ref_of(number)}/advances/", {"to": to}, status=None, If_Match=seen
    )


def by_command(company, number):
    from pipeline.commands import advancing

    advancing.advance(number, "commit", by=company.by("rep"))


def test_a_deal_that_is_not_ready_is_refused_alike_through_every_door(committed_company):
    _, company = committed_company
    numbers = [walking.solution(company) for _ in range(3)]
    for number, door in zip(numbers, (by_page, by_api, by_command), strict=True):
        door(company, number)
    answers = [not_ready(company, number) for number in numbers]
    assert [deals.read_one(number).view.stage for number in numbers] == ["solution"] * 3
    assert [(kind, channel) for kind, channel, _ in answers] == [
        ("gate.refused", "web"),
        ("gate.refused", "api"),
        ("gate.refused", "shell"),
    ]
    assert answers[0][2] == answers[1][2] == answers[2][2]
    assert {key for key, state in answers[0][2] if state == "unmet"} == {"credit-approved", "delivery-plan-accepted"}


@pytest.mark.parametrize("who", ["rep_west", "rep2", "ops", "admin", "auditor", "cfo"])
def test_a_stranger_moves_nothing_through_any_door(committed_company, who):
    _, company = committed_company
    number = walking.opened(company)
    before = deals.read_one(number).view.version
    ref = deals.ref_of(number)
    client = Client()
    client.force_login(company.person(who))
    assert client.post(f"/deals/{ref}/advances/", {"to_stage": "solution"}).status_code in (303, 403, 404)
    assert ask(company, who, number, "solution").status_code in (403, 404)
    assert deals.read_one(number).view.version == before
