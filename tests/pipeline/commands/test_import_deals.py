"""The import end to end: the facts of the reference input, dry run = import, a second import changes nothing."""

import json
from collections import Counter
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from ledger.queries import entries
from ledger.rules.actor import Actor
from ledger.rules.problems import Problem
from pipeline.commands import import_deals as command
from pipeline.commands.import_deals import import_deals
from pipeline.models import Account, Deal, ImportBatch, Person, Product, Unit
from pipeline.queries import deals, imports, organisation, seats
from pipeline.rules.importing.faults import RowFault
from reporting.queries import booked
from tests import company as companies
from tests.pipeline import importing
from tests.pipeline.importing import ENGAGING, LOST, WON

BY = Actor(0, "import")
NONE = {"read": 0, "accepted": 0, "unverified": 0, "rejected": 0, "unchanged": 0}


def run(*rows, by=BY, **more):
    options = {name: more.pop(name) for name in ("dry_run", "most_rows") if name in more}
    return import_deals(importing.files(*rows, **more), by=by, **options)


def stamp():
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*), max(id) FROM ledger_entry")
        return cursor.fetchone(), Deal.objects.count(), Account.objects.count(), Person.objects.count()


def unverified_by_unit():
    said = booked.booked(organisation.company(), as_of=seats.now())
    found = Counter()
    for row in said.rows:
        found[row.unit] += row.unverified_history
    return said.value, {unit: amount // 100 for unit, amount in found.items()}


def imported(ref):
    return deals.read_one(Deal.objects.get(source_ref=ref).pk).view


def body(ref, at=0):
    return entries.timeline(f"deal/{Deal.objects.get(source_ref=ref).pk}")[at].body


def test_the_reference_input(committed_db):
    companies.build()
    before = stamp()
    tried = import_deals(importing.reference(), by=BY, dry_run=True)
    assert stamp() == before
    done = import_deals(importing.reference(), by=BY)
    assert (tried.counts, tried.faults, tried.suggestions) == (done.counts, done.faults, done.suggestions)
    assert done.counts == {"read": 8800, "accepted": 553, "unverified": 6711, "rejected": 1536, "unchanged": 0}
    assert done.suggestions == {"product": {"GTXPro": "GTX Pro"}, "sector": {"technolgy": "technology"}}
    asked = Counter((fault.column, fault.outcome) for fault in done.faults)
    assert asked["account", "rejected"] == 1425
    assert asked["product", "rejected"] + asked["product", "kept as unverified"] == 1480
    assert asked["sector", "opened as written"] == 12
    assert unverified_by_unit() == (0, {"central": 3_346_293, "east": 3_090_594, "west": 3_568_647})
    claims = claimed_stages()
    assert (claims["Won"], claims["Lost"], claims["Engaging"] + claims["Prospecting"]) == (4238, 2473, 553)
    assert Account.objects.get(name="Betatech").sector == "medical"
    assert Account.objects.get(name="Acme Corporation").sector == "technolgy"
    assert Account.objects.filter(parent__name="Acme Corporation").count() == 4
    assert Unit.objects.filter(name="Central").count() == 1

    after = stamp()
    again = import_deals(importing.reference(), by=BY)
    assert again.counts == NONE | {"read": 8800, "unchanged": 8800}
    assert again.faults == done.faults and stamp() == after

    mapped = import_deals(importing.reference(with_map=True), by=BY)
    assert mapped.counts == NONE | {"read": 8800, "accepted": 111, "unverified": 1147, "unchanged": 7542}
    assert Counter(fault.column for fault in mapped.faults) == {"account": 1425}
    assert imported("Z063OYW0").lines[0].name == "GTX Pro"
    assert unverified_by_unit()[1] == {"central": 3_346_293, "east": 3_090_594, "west": 3_568_647}
    after = stamp()
    assert import_deals(importing.reference(with_map=True), by=BY).counts["unchanged"] == 8800
    assert stamp() == after


def claimed_stages():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT convert_from(envelope, 'UTF8')::jsonb #>> '{body,claim,stage}', count(*) FROM ledger_entry"
            " WHERE kind IN ('deal.imported', 'deal.opened') GROUP BY 1"
        )
        return dict(cursor.fetchall())


def test_what_a_won_row_becomes(company):
    assert run(WON).counts == NONE | {"read": 1, "unverified": 1}
    view, said = imported("A1"), body("A1")
    assert (view.stage, view.place, view.amount_minor, view.unit) == (
        "history",
        "unverified-history",
        105400,
        "central",
    )
    assert (str(view.period), str(view.close_on)) == ("2017-03-01", "2017-03-01")
    assert [(line.name, line.price_minor) for line in view.lines] == [("GTX Pro", 105400)]
    entry = entries.timeline(f"deal/{view.id}")[0]
    assert (entry.kind, entry.channel, str(entry.effective_at)[:10]) == ("deal.imported", "import", "2017-03-01")
    assert said["claim"]["stage"] == "Won" and said["claim"]["line"] == 2
    assert sorted((post["place"], post["amount"]) for post in said["postings"]) == [
        ("source", -105400), ("unverified-history", 105400)
    ]  # fmt: skip


def test_what_lost_and_open_rows_become(company):
    run(LOST, ENGAGING)
    lost, opened = imported("A2"), imported("A3")
    assert (lost.stage, lost.amount_minor, lost.place) == ("history", None, None)
    assert body("A2")["claim"] == body("A2")["claim"] | {"stage": "Lost", "close_value": "0"}
    assert "postings" not in body("A2")
    assert (opened.stage, opened.amount_minor, opened.unit) == ("qualify", None, "west")
    assert [(line.name, line.quantity, line.price_minor) for line in opened.lines] == [("MG Special", 1, 5500)]
    owner = next(seat for seat in imports.sales_seats() if seat.id == opened.owner)
    assert (owner.name, owner.role) == ("Carl Lin", "rep")
    assert Person.objects.get(name="Carl Lin").email is None


def test_teams_accounts_and_products_are_opened_once(company):
    run(WON, LOST)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT p.name, boss.name FROM pipeline_seat s JOIN pipeline_person p ON p.id = s.person_id"
            " JOIN pipeline_seat b ON b.id = s.reports_to JOIN pipeline_person boss ON boss.id = b.person_id"
            " WHERE b.role = 'manager' AND s.role = 'rep' ORDER BY 1"
        )
        assert cursor.fetchall() == [("Anna Snelling", "Dustin Brinkmann"), ("Carl Lin", "Summer Sewald")]
    assert Account.objects.get(name="Cancity").parent.name == "Isdom"
    assert Unit.objects.get(name="West").pk == "west"
    before = (Person.objects.count(), Account.objects.count(), Product.objects.count(), len(imports.sales_seats()))
    run(ENGAGING)
    assert before == (
        Person.objects.count(),
        Account.objects.count(),
        Product.objects.count(),
        len(imports.sales_seats()),
    )


def test_a_changed_row_is_a_fault_and_a_mended_one_comes_in(company):
    bad = ENGAGING.replace("Isdom", "")
    assert run(WON, bad).counts == NONE | {"read": 2, "unverified": 1, "rejected": 1}
    done = run(WON.replace("1054", "9999"), ENGAGING)
    assert done.counts == NONE | {"read": 2, "accepted": 1, "rejected": 1}
    assert [(fault.line, fault.code) for fault in done.faults if fault.file == "deals.csv"] == [(2, "IMPORT-CHANGED-1")]
    assert imported("A1").amount_minor == 105400


def test_the_name_of_the_file_is_no_identity_but_the_source_is(company):
    run(WON)
    assert run(WON, name="other.csv").counts["unchanged"] == 1
    assert run(WON, map="source: other").counts["unverified"] == 1


def test_an_unknown_product_stays_as_written_until_a_map_names_it(company):
    row = WON.replace("GTX Pro", "GTXPro")
    done = run(row)
    assert [(fault.code, fault.suggestion, fault.outcome) for fault in done.faults if fault.column == "product"] == [
        ("IMPORT-PRODUCT-1", "GTX Pro", "kept as unverified")
    ]  # fmt: skip
    assert imported("A1").lines == () and body("A1")["claim"]["product"] == "GTXPro"
    assert run(row, map="product: {GTXPro: GTX Pro}").counts["unverified"] == 1
    assert imported("A1").lines[0].name == "GTX Pro" and imported("A1").value_minor == 105400
    assert body("A1")["claim"]["mapped"] == {"product": "GTXPro"}
    assert [entry.kind for entry in entries.timeline(f"deal/{imported('A1').id}")] == ["deal.amended", "deal.imported"]
    assert run(row, map="product: {GTXPro: GTX Pro}").counts["unchanged"] == 1


def test_a_dry_run_writes_its_report_and_nothing_else(company):
    before = stamp()
    done = run(WON, ENGAGING.replace("Isdom", ""), dry_run=True)
    assert stamp() == before
    batch = ImportBatch.objects.get(pk=done.id)
    assert batch.dry_run and batch.finished_at and batch.counts["unverified"] == 1
    assert [fault["code"] for fault in batch.faults if fault["column"] == "account"] == ["IMPORT-ACCOUNT-1"]
    run(WON)
    assert ImportBatch.objects.filter(dry_run=False).count() == 1


def test_an_import_is_an_entry_and_one_that_changes_nothing_is_none(company):
    done = run(WON)
    (entry,) = entries.timeline(f"import/{done.id}")
    assert entry.kind == "import.received"
    assert entry.body["counts"] == done.counts and entry.body["sha256"] == ImportBatch.objects.get(pk=done.id).sha256
    assert entries.timeline(f"import/{run(WON).id}") == []


def test_batches_join_and_faults_are_bounded(company, monkeypatch):
    monkeypatch.setattr(command, "BATCH", 2)
    monkeypatch.setattr(command, "FAULTS_KEPT", 3)
    good = [WON.replace("A1", f"G{at}") for at in range(5)]
    bad = [ENGAGING.replace("A3", f"B{at}").replace("Isdom", "") for at in range(5)]
    done = run(*good, *bad)
    assert done.counts == NONE | {"read": 10, "unverified": 5, "rejected": 5}
    batch = ImportBatch.objects.get(pk=done.id)
    assert len(batch.faults) == 3 and batch.counts["faults_total"] == len(done.faults) == 6
    assert Deal.objects.filter(source_ref__startswith="G").count() == 5


def test_a_failure_in_the_middle_leaves_nothing(company, monkeypatch):
    monkeypatch.setattr(command, "BATCH", 1)
    before, drafted = stamp(), command.opening._drafted

    def second_fails(numbers, openings, *args):
        if openings[0].source_ref == "A2":
            raise RuntimeError("the power went")
        return drafted(numbers, openings, *args)

    monkeypatch.setattr(command.opening, "_drafted", second_fails)
    with pytest.raises(RuntimeError), transaction.atomic():
        run(WON, LOST)
    assert stamp() == before and not ImportBatch.objects.exists()


BAD = [
    WON.replace("1054", "-1"), WON.replace("1054", "=1+1"), WON.replace("2017-03-01", "2016-01-01"), WON + ",more",
    WON.replace("Won", "Closed"), WON.replace("Anna Snelling", "Nobody"), WON.replace("Cancity", "Can\x00city"),
    WON.replace("Cancity", "x" * 5000), WON.replace("A1", ""), WON.replace("1054", "10.999"),
]  # fmt: skip


@pytest.mark.parametrize("row", BAD)
def test_a_bad_row_stops_no_other(company, row):
    done = run(row, LOST)
    assert done.counts == NONE | {"read": 2, "unverified": 1, "rejected": 1}
    fault = next(fault for fault in done.faults if fault.file == "deals.csv")
    assert fault.line == 2 and fault.what and fault.remedy and fault.outcome == "rejected"


def test_who_may_import(company):
    with pytest.raises(Problem) as caught, transaction.atomic():
        run(WON, by=company.by("rep"))
    assert caught.value.status == 403
    done = run(WON, LOST, by=company.by("manager"))
    assert done.counts["rejected"] == 2
    assert {fault.code for fault in done.faults if fault.column == "sales_agent"} >= {"IMPORT-TEAM-1", "IMPORT-AGENT-1"}
    assert run(WON, LOST, by=company.by("cro")).counts["unverified"] == 2
    west = run(LOST.replace("A2", "B2"), WON.replace("A1", "B1"), by=company.by("manager_west"))
    assert west.counts == NONE | {"read": 2, "unverified": 1, "rejected": 1}
    assert [fault.code for fault in west.faults if fault.file == "deals.csv"] == ["IMPORT-UNIT-1"]


def test_a_company_with_accounts_in_other_spelling(company):
    companies.references.open_account("CANCITY", by=BY)
    done = run(WON)
    assert Account.objects.filter(name__iexact="cancity").count() == 1
    assert [(fault.code, fault.suggestion) for fault in done.faults if fault.suggestion == "CANCITY"] == [
        ("IMPORT-NAME-1", "CANCITY"), ("IMPORT-ACCOUNT-2", "CANCITY")
    ]  # fmt: skip


def call(*args):
    out, err = StringIO(), StringIO()
    call_command("import_deals", *map(str, args), stdout=out, stderr=err)
    return json.loads(out.getvalue().splitlines()[-1]), err.getvalue()


def lay(folder, *rows):
    given = importing.files(*rows)
    for upload, name in (
        (given.deals, "deals.csv"),
        (given.accounts, "accounts.csv"),
        (given.products, "products.csv"),
    ):
        (folder / name).write_bytes(upload.data)
    (folder / "sales_teams.csv").write_bytes(given.teams.data)
    return folder / "deals.csv"


def test_the_command(company, tmp_path):
    file = lay(tmp_path, WON.replace("GTX Pro", "GTXPro"), ENGAGING)
    counts, said = call(file, "--dry-run", "--by", "cro@test.example")
    assert counts == NONE | {"read": 2, "accepted": 1, "unverified": 1}
    assert str(tmp_path / "deals.faults.csv") in said
    lines = (tmp_path / "deals.faults.csv").read_text().splitlines()
    assert lines[0] == "line,column,value,code,what,remedy,suggestion,outcome,file"
    assert any(line.startswith("2,product,GTXPro,IMPORT-PRODUCT-1,") for line in lines)
    suggested = tmp_path / "deals.suggested-map.yaml"
    assert "GTXPro: GTX Pro" in suggested.read_text()
    assert call(file, "--map", suggested)[0] == counts
    assert (tmp_path / "deals.faults.csv").read_text().splitlines()[1:] == []
    assert call(file, "--map", suggested)[0] == NONE | {"read": 2, "unchanged": 2}


def test_the_command_on_what_cannot_be_read(company, tmp_path):
    with pytest.raises(CommandError, match="IMPORT-FILE-1"):
        call(tmp_path / "none.csv")
    bad = tmp_path / "bad.csv"
    bad.write_text("opportunity,agent\n1,2\n")
    with pytest.raises(CommandError, match="IMPORT-COLUMN-1"):
        call(bad)
    assert "IMPORT-COLUMN-1" in (tmp_path / "bad.faults.csv").read_text()
    with pytest.raises(CommandError, match="Nobody has"):
        call(lay(tmp_path, WON), "--by", "x@y.example")


def test_a_report_counts_a_partition(company):
    done = run(WON, LOST, ENGAGING, ENGAGING, WON.replace("A1", "A9").replace("Won", "?"))
    assert done.counts["read"] == sum(done.counts[name] for name in done.counts if name != "read") == 5
    assert all(isinstance(fault, RowFault) for fault in done.faults)
