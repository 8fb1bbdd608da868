"""/imports/: try a file, read its faults, accept what is suggested, bring it in."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from pipeline.models import Deal, ImportBatch
from tests.pipeline import importing
from tests.pipeline.importing import ENGAGING, WON

pytestmark = pytest.mark.urls("tests.pipeline.import_urls")


@pytest.fixture
def company(company, settings, tmp_path):
    settings.EVIDENCE_ROOT = tmp_path / "evidence"
    return company


@pytest.fixture
def browser(company, client):
    client.force_login(company.person("cro"))
    return client


def form(*rows, do="try", **more):
    given = importing.files(*rows, **more)
    names = {"file": given.deals, "accounts": given.accounts, "products": given.products, "teams": given.teams}
    return {"do": do} | {name: SimpleUploadedFile(one.name, one.data) for name, one in names.items()}


def test_try_accept_and_import(browser):
    page = browser.get("/imports/")
    assert page.status_code == 200 and "Nothing was imported yet" in page.text
    answer = browser.post("/imports/", form(WON.replace("GTX Pro", "GTXPro"), ENGAGING))
    assert answer.status_code == 303 and not Deal.objects.exists()
    page = browser.get(answer.url)
    assert "Dry run: nothing was written." in page.text
    assert "perhaps “GTX Pro”" in page.text and 'value="product:GTXPro"' in page.text
    assert "GTXPro: GTX Pro" in browser.get(f"{answer.url}suggested-map.yaml").text
    assert "IMPORT-PRODUCT-1" in browser.get(f"{answer.url}faults.csv").text
    done = browser.post(f"{answer.url}runs/", {"do": "import", "accept": ["product:GTXPro", "product:made up"]})
    assert done.status_code == 303
    page = browser.get(done.url)
    assert "Imported: 2 rows came in." in page.text and "IMPORT-PRODUCT-1" not in page.text
    assert Deal.objects.count() == 2 and len(ImportBatch.objects.all()) == 2
    assert "deals.csv" in browser.get("/imports/").text
    gone = browser.post(f"{done.url}runs/", {"do": "import"})
    assert gone.url == "/imports/"


def test_a_file_that_cannot_be_read_keeps_the_form(browser):
    answer = browser.post("/imports/", form(WON, data=b"%PDF-1.7 nothing"))
    assert answer.status_code == 422
    assert "it is a PDF" in answer.text and "IMPORT-FILE-4" in answer.text
    assert browser.post("/imports/", {"do": "try"}).status_code == 422


def test_a_rep_may_not_and_others_see_only_their_own(company, client, browser):
    url = browser.post("/imports/", form(WON)).url
    client.force_login(company.person("manager"))
    assert client.get("/imports/").status_code == 200 and client.get(url).status_code == 404
    client.force_login(company.person("rep"))
    for answer in (client.get("/imports/"), client.post("/imports/", form(WON)), client.get(url)):
        assert answer.status_code == 403
    client.logout()
    assert client.get("/imports/").status_code == 302


def test_faults_come_page_by_page(browser):
    rows = [ENGAGING.replace("A3", f"B{at}").replace("Isdom", "") for at in range(120)]
    url = browser.post("/imports/", form(*rows)).url
    page = browser.get(url)
    assert "Faults 1 to 50 of 121" in page.text
    assert "Faults 101 to 121 of 121" in browser.get(f"{url}?after=100").text
    assert browser.get(f"{url}?after=x").status_code == 200
