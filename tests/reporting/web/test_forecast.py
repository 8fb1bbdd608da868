"""The forecast with its proof: page, program and file say one thing, and it can be verified afterwards."""

import csv
import io
import re
from decimal import Decimal
from html import unescape

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from ledger.rules import moments
from pipeline.commands import closing
from pipeline.queries import seats
from reporting.commands import forecasts
from reporting.rules.forecast.categories import CATEGORIES
from tests import walking
from tests.programs import Program


@pytest.fixture
def company(company, settings, tmp_path):
    settings.RECEIPT_KEY_FILE = str(tmp_path / "secrets" / "receipt_key")
    return company


@pytest.fixture
def deals(company):
    """One of three categories each: best case 100,000, omitted 70,000, and 500,000 that nobody has spoken of."""
    said = {}
    for category, amount in (("best_case", "100000.00"), ("omitted", "70000.00"), ("", "500000.00")):
        said[category] = walking.opened(company, amount=amount)
        if category:
            forecasts.submit(said[category], category, Decimal("0.5"), by=company.by("rep"))
    return said


@pytest.fixture
def period(deals):
    return f"{walking.view(deals['']).close_on:%Y-%m}"


def look(company, path, name="cfo"):
    client = Client()
    client.force_login(company.person(name))
    response = client.get(path)
    assert response.status_code == 200, response.content
    return response


def verified(**given):
    """The verdict of anybody who was given a file or a receipt."""
    more = {} if "file" in given else {"content_type": "application/json"}
    return Client().post("/api/v1/verifications/", given, **more).json()


def rows_of(data):
    """The table, without its proofs."""
    rows = csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""))
    return [row[:4] for row in rows if row and row[0] in CATEGORIES]


def test_page_program_and_file_say_the_same(company, deals, period):
    program = Program(company, "cfo")
    said = program.get(f"/forecast/?period={period}").json()
    assert (said["whole"], said["whole_receipt"]["value"], said["whole_receipt"]["deals"]) == ("670000.00",) * 2 + (3,)
    assert (said["receipt"]["measure"], said["receipt"]["value"]) == ("commit-call", said["commit_call"])
    page = look(company, f"/forecast/?period={period}").content.decode()
    assert "USD 670,000.00" in page and "Receipt" in page
    (link,) = [unescape(url) for url in re.findall(r'href="([^"]+)"', page) if "/measures/forecast/file.csv" in url]
    data = look(company, link).content
    exported = program.post("/exports/", {"measure": "forecast", "period": period}, 200).content
    listed = [[row["category"], row["unit"], row["period"], row["value"]] for row in said["rows"]]
    assert rows_of(data) == rows_of(exported) == listed and len(listed) == 3


def listed(company, page, label):
    """(what the number behind a label says, what its list sums up to)."""
    number = re.search(rf"<dt>{label}</dt><dd><a[^>]*href=\"([^\"]+)\">([^<]+)</a>", page)
    whole = look(company, unescape(number[1])).content.decode()
    assert re.search(r'href="/ledger/\d+/', whole), "one more click to an entry"
    return number[2], re.search(r'<td class="num strong">([^<]+)</td></tr></tfoot>', whole)[1]


def test_a_number_opens_the_deals_that_make_it(company, deals, period):
    """Total: best case and what nobody has spoken of; what is omitted is no part of it."""
    moment = moments.text(seats.now())
    closing.lose(deals[""], "price", by=company.by("rep"))
    for path, total in ((f"/forecast/?period={period}", "USD 100,000.00"),
                        (f"/forecast/?period={period}&as_of={moment}", "USD 600,000.00")):  # fmt: skip
        page = look(company, path).content.decode()
        assert listed(company, page, "Total") == (total, total)
        (row,) = re.findall(r'<th scope="row">Qualify</th>.*?</tr>', page)
        (link, text) = re.search(r'href="([^"]+weighted[^"]+)">([^<]+)</a>', row).groups()
        by_stage = look(company, unescape(link)).content.decode()
        assert "stage=qualify" in link and f'<td class="num strong">{text}</td>' in by_stage


def test_a_refused_judgement_is_shown_as_it_was_typed(company, deals, period):
    client = Client()
    client.force_login(company.person("manager"))
    said = {"unit": "east", "period": "Jan", "commit": "7k", "best_case": "8", "because": "so", "shown": period}
    response = client.post("/forecast/calls/", said)
    page = response.content.decode()
    assert response.status_code == 422 and 'value="Jan"' in page and 'href="#c-period"' in page
    assert 'value="7k"' in page and '<option value="east" selected>' in page
    response = client.post("/forecast/calls/", said | {"period": period})
    page = response.content.decode()
    assert 'aria-describedby="c-commit_error"' in page and "MONEY" in page.split('id="c-commit"')[1][:600]
    assert 'value="8"' in page and ">so</textarea>" in page.replace("\n", "")
    rep = Client()
    rep.force_login(company.person("rep"))
    response = rep.post(f"/deals/D-{deals['']:06d}/forecast/", {"category": "pipeline", "probability": "lots"})
    page = response.content.decode()
    assert response.status_code == 422 and 'value="lots"' in page and 'aria-describedby="p_error"' in page


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_its_file_is_genuine_until_a_deal_moves(company, deals, period, form):
    data = look(company, f"/measures/forecast/file.{form}?period={period}").content

    def verdict():
        return verified(file=SimpleUploadedFile(f"forecast.{form}", data))["verdict"]

    assert verdict() == "genuine and current"
    closing.lose(deals["best_case"], "price", by=company.by("rep"))
    assert verdict() == "genuine, superseded"


def test_its_receipts_are_of_their_moment(company, deals, period):
    before = seats.now()
    forecasts.submit(deals[""], "omitted", Decimal("0"), by=company.by("rep"))
    closing.lose(deals["best_case"], "price", by=company.by("rep"))
    program = Program(company, "cfo")
    past = program.get(f"/forecast/?period={period}&as_of={moments.text(before)}").json()
    assert (past["whole_receipt"]["value"], past["whole_receipt"]["deals"]) == ("670000.00", 3)
    for name in ("receipt", "whole_receipt"):
        found = verified(receipt=past[name])
        assert found["at_its_moment"] == past[name]["value"]
    assert verified(receipt=past["whole_receipt"])["now"]["value"] == "570000.00"
    alone = look(company, f"/measures/forecast/file.json?period={period}&as_of={moments.text(before)}").json()
    assert (alone["value"], alone["rows"]) == ("670000.00", None)


def test_another_region_gets_its_own_file(company, deals, period):
    assert len(rows_of(look(company, f"/measures/forecast/file.csv?period={period}").content)) == 3
    data = look(company, f"/measures/forecast/file.csv?period={period}", "rep_west").content
    assert rows_of(data) == []


@pytest.mark.parametrize("path", ["/measures/forecast/file.pdf", "/measures/nothing/file.csv"])
def test_no_such_file(company, path):
    client = Client()
    client.force_login(company.person("cfo"))
    assert client.get(path).status_code == 404
