"""The page for auditors: who sees it, who starts a run, what it tells."""

import pytest

from ledger.commands import verification
from ledger.models import Verification
from ledger.queries import entries
from ledger.rules.actor import SYSTEM
from tests import company as companies

PAGE = "/ledger/verification/"


def as_(client, company, name):
    client.force_login(company.person(name))
    return client


@pytest.mark.parametrize(
    ("name", "status", "button"), [("auditor", 200, True), ("cro", 200, False), ("rep", 403, False)]
)
def test_readers_of_the_record_see_it_and_auditors_start_a_run(client, company, name, status, button):
    answer = as_(client, company, name).get(PAGE)
    assert answer.status_code == status
    assert (b"Verify the record now" in answer.content) is button


def test_an_auditor_asks_once(client, company):
    auditor = as_(client, company, "auditor")
    for _ in range(2):
        assert auditor.post(f"{PAGE}runs/").status_code == 303
    (run,) = Verification.objects.all()
    assert run.asked_by == company.person("auditor").pk
    page = auditor.get(PAGE).content.decode()
    assert "Waits for a worker" in page and "Verify the record now" not in page


@pytest.mark.parametrize("name", ["cro", "steward", "rep", "admin"])
def test_nobody_else_starts_a_run(client, company, name):
    assert as_(client, company, name).post(f"{PAGE}runs/").status_code == 403
    assert not Verification.objects.exists()


def report(**broken):
    first = {"entry": 1, "place": "deal/1 1, deal.opened", "fact": "hash", "expected": "aa", "found": "<b>bb</b>"}
    verdicts = {
        name: {"ok": name not in broken, "checked": 1234, "broken": broken.get(name, 0), "violations": [],
               "first": first if name in broken else None}
        for name in ("integrity", "completeness", "lawfulness")
    }  # fmt: skip
    return {**verdicts, "tree_size": 5, "unsealed": 0, "entries": 1234, "seconds": 1.5}


def test_the_last_runs_tell_three_verdicts_and_the_first_broken_fact(client, company):
    verification.ask(by=SYSTEM)
    verification.finish(verification.claim(), report(integrity=3))
    page = as_(client, company, "auditor").get(PAGE).content.decode()
    assert page.count("Holds") == 2 and "Broken" in page and "3 broken" in page and "1,234 checked" in page
    assert "First broken fact" in page and '<a href="/ledger/1/">' in page and "&lt;b&gt;bb" in page
    (told,) = entries.timeline(verification.STREAM)
    assert told.body["integrity"] == {"ok": False, "checked": 1234, "broken": 3}


def test_progress_of_the_run_under_way(client, company):
    verification.ask(by=SYSTEM)
    verification.keep(verification.claim(), {}, 43, 100)
    page = as_(client, company, "auditor").get(PAGE).content.decode()
    assert "43 % of the record is read" in page and '<progress id="share" max="100" value="43">' in page


@pytest.mark.parametrize("count", [1, 3])
def test_queries_do_not_grow_with_the_runs(client, company, count, django_assert_max_num_queries):
    for _ in range(count):
        verification.ask(by=SYSTEM)
        verification.finish(verification.claim(), report())
    auditor = as_(client, company, "auditor")
    auditor.get(PAGE)
    with django_assert_max_num_queries(12):
        auditor.get(PAGE)


def test_the_ledger_tells_how_the_record_stands(client, db):
    company = companies.build()  # just now, so that nothing waits too long for its seal
    page = as_(client, company, "auditor").get("/ledger/").content.decode()
    assert "Sealed and published" in page and PAGE in page
