"""Every page answers every role: 200, or a page that says why not; never a fault of ours."""

import gzip

import pytest
from django.test import Client

from tests.journeys import desk

ROLES = ("rep", "manager", "ops", "finance", "cro", "steward", "auditor", "admin")


@pytest.fixture
def office(db, settings, tmp_path):
    settings.EVIDENCE_ROOT = tmp_path
    return desk.furnish()


def pages(office):
    paths = ["/", "/board/", "/board/?owner=any&waiting=finance", "/deals/", "/deals/?q=pallet&stage=solution",
             "/deals/new/", "/queue/",
             "/queue/?tab=team", "/queue/?tab=done", "/booked/", "/booked/?period=all", "/booked/deals/",
             "/forecast/", "/me/forecast/",
             "/policy/", "/policy/1/", "/policy/drafts/", "/ledger/", "/ledger/position/",
             "/ledger/verification/", "/ledger/1/", "/palette/",
             "/palette/?q=pal", "/me/", "/notifications/", "/notifications/?all=1", "/developer/",
             "/mail/"]  # fmt: skip
    for ref in office.deals.values():
        paths += [f"/deals/{ref}/", f"/board/?refused={ref}", f"/deals/{ref}/?as_of=2020-01-01T00:00:00Z"]
        paths += [f"/deals/{ref}/{act}/" for act in ("facts", "return", "lose", "reopen", "assign", "forecast")]
    return [*paths, f"/deals/{office.deals['waiting']}/milestones/credit-approved/"]


@pytest.mark.parametrize("role", ROLES)
def test_every_page_answers(office, role):
    client = Client()
    client.force_login(office.company.person(role))
    answers = {}
    for path in pages(office):
        response = client.get(path)
        answers[path] = response.status_code
        assert response.status_code in (200, 403, 404), (path, response.status_code)
        assert len(gzip.compress(response.content)) < 60_000, path
    if role == "rep":
        assert [path for path, status in answers.items() if status == 200 and "as_of=2020" in path] == []


def test_nobody_sees_a_page_without_logging_in(office):
    for path in pages(office):
        response = Client().get(path)
        assert response.status_code == 302 and response["Location"].startswith("/accounts/login/"), path
