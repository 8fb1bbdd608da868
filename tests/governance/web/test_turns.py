"""Ask, Answer, Hand over and Undo in the queue, as forms that work without JavaScript."""

from pathlib import Path

import pytest
from django.test import Client

from governance.queries import milestones as rows
from pipeline.commands import advancing
from tests import walking

PLAN = "delivery-plan-accepted"


@pytest.fixture
def company(company, settings, tmp_path):
    settings.EVIDENCE_ROOT = Path(tmp_path)
    return company


@pytest.fixture
def submitted(company):
    number = walking.solution(company)
    return number, walking.submitted(company, number, PLAN, "ops")


def log_in(company, name):
    client = Client()
    client.force_login(company.person(name))
    return client


def post(client, path, **said):
    response = client.post(path, said, headers={"referer": "http://testserver/queue/"}, follow=True)
    assert response.status_code == 200
    return response.content.decode()


def test_a_question_goes_back_and_its_answer_comes(company, submitted):
    _number, row = submitted
    ops2, ops = log_in(company, "ops2"), log_in(company, "ops")
    assert 'data-key="2"' in ops2.get(f"/queue/?milestone={row}").content.decode()
    said = post(ops2, f"/milestones/{row}/questions/", question="Which week is <b>meant</b>?")
    assert "Asked. The clock rests until the answer." in said and 'data-key="u"' in said
    assert "Nothing waits on you" in said
    asked = ops2.get("/queue/?tab=asked").content.decode()
    assert "The clock rests" in asked and "Ops is asked" in asked and "a miss stays a miss" in asked
    assert "Which week is &lt;b&gt;meant&lt;/b&gt;?" in asked and "Your answer" not in asked
    mine = ops.get("/queue/?tab=asked").content.decode()
    assert "You are asked" in mine and "Your answer" in mine
    assert "Answer, in 3 to 2,000 characters." in post(ops, f"/milestones/{row}/answers/", answer=" ")
    assert "The clock of the verifier goes on." in post(ops, f"/milestones/{row}/answers/", answer="Week 51")
    back = ops2.get(f"/queue/?milestone={row}").content.decode()
    assert "“Week 51”" in back and 'data-key="2"' in back


def test_an_undo_stands_beside_what_was_done_and_works_once(company, submitted):
    number, row = submitted
    ops2 = log_in(company, "ops2")
    said = post(ops2, f"/milestones/{row}/verifications/?decision=verified")
    assert "Verified, and on record." in said and 'aria-keyshortcuts="u"' in said
    assert "Undone: it waits for verification again." in post(ops2, f"/milestones/{row}/undos/")
    assert walking.standing(number, PLAN).status == "submitted"
    assert "Your last act here is not the last one any more." in post(ops2, f"/milestones/{row}/undos/")
    post(ops2, f"/milestones/{row}/verifications/?decision=verified")
    walking.verified(company, number, "credit-approved")
    assert advancing.advance(number, "commit", by=company.by("rep")).passed
    shut = ops2.get(f"/queue/?tab=done&milestone={row}").content.decode()
    assert "shut: somebody has built on it." in shut


def test_several_are_handed_over_at_once(company, submitted):
    _number, row = submitted
    other = walking.submitted(company, walking.solution(company), PLAN, "ops")
    ops2, coo = log_in(company, "ops2"), company.person("coo").pk
    assert "Hand several over…" in ops2.get("/queue/").content.decode()
    assert "Choose 1 to 100 milestones." in post(ops2, "/queue/handovers/", to=coo)
    assert "2 handed over." in post(ops2, "/queue/handovers/", milestone=[row, other], to=coo)
    assert {rows.one(at).handed_name for at in (row, other)} == {"Coo"}
    team = ops2.get("/queue/?tab=team").content.decode()
    assert "handed over to Coo" in team and "Nothing waits on you" in ops2.get("/queue/").content.decode()
    assert "Given back to the team." in post(ops2, f"/milestones/{row}/handovers/", to="")
