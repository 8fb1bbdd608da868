"""Canaries: seeded people are nowhere after their erasure: tables, files, logs, exports, bundles, caches. And they
stay away when an old backup comes back."""

import io
import json

import pytest
import redis
from django.conf import settings as live_settings
from django.core.management import call_command
from django.test import Client

from crm_ledger.verify.run import verify
from governance.commands import erased_files, erasures, milestones
from governance.rules.personal import patterns
from ledger.commands import outbox
from ledger.notify import erasure_list
from ledger.queries import private
from ledger.transactions import command
from pipeline.commands import closing, opening
from pipeline.models import Contact, Person
from tests import databases, walking
from tests.conftest import _default_is
from tests.crm_ledger.verify.life import stated
from tests.programs import Program

NAME, MAIL, PHONE, TEXT = "Zéphyrine Oxblood", "z.oxblood@canary.example", "+44 7700 900999", "plays the viola in Hull"
CANARIES = [NAME, "Oxblood", MAIL, PHONE, TEXT]


def dumped(database):
    """Every row of every table as text, as a thief of a backup would read it; bytes of the record included."""
    with database.superuser() as everything, everything.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename")
        for (table,) in cursor.fetchall():
            cursor.execute(f'SELECT t::text FROM "{table}" t')
            for (row,) in cursor.fetchall():
                yield table, row
        cursor.execute("SELECT convert_from(envelope, 'UTF8') FROM ledger_entry")
        yield from (("ledger_entry", row[0]) for row in cursor.fetchall())


def spellings():
    for canary in CANARIES:
        yield from {canary, json.dumps(canary)[1:-1], canary.encode().hex(), canary.lower()}


def found(rows):
    return sorted({(place, canary) for place, text in rows for canary in spellings() if canary.lower() in text.lower()})


def in_files(*folders):
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                yield str(path.relative_to(folder)), f"{path.name} {path.read_bytes().decode('utf-8', 'replace')}"


def in_redis():
    store = redis.Redis.from_url(live_settings.REDIS_URL)
    for key in store.scan_iter():
        kind = store.type(key)
        value = store.get(key) if kind == b"string" else store.lrange(key, 0, -1) if kind == b"list" else b""
        yield "redis", f"{key!r} {value!r}"


@command
def run_outbox():
    """As the worker does: every delivery that is due."""
    for entry_id, topic in outbox.claim(1000):
        if topic == erased_files.TOPIC:
            erased_files.follow(entry_id)


@pytest.fixture
def seeded(lived):
    """A contact, a colleague who left, texts, a title, a file and answers kept for retries: all of the canary."""
    database, company = lived
    contact = Contact.objects.create(account=company.account, name=NAME, email=MAIL, job="Viola")
    gone = Person.objects.create(email=f"x.{MAIL}", name=f"{NAME} (left)", password="!")
    rep = company.by("rep")
    number = opening.open_deal(
        f"Line for {NAME}", stated(company, economic_buyer=contact.pk, need=f"{NAME} {TEXT}, call {PHONE}"), by=rep
    ).id
    closing.lose(number, "price", by=rep, note=f"{MAIL} wrote that it is over")
    other = walking.solution(company, need="Somebody wants two more lines for the cold store")
    row = walking.milestone(other, "credit-approved")
    pdf = b"%PDF-1.7 " + NAME.encode()
    milestones.add_file(row, f"{NAME}.pdf", [pdf], len(pdf), pdf, by=company.by("finance"))
    # A file whose name says nothing: only its contents hold the person, so the erasure has to name it.
    report = b"%PDF-1.7 report on " + MAIL.encode()
    piece = milestones.add_file(row, "report.pdf", [report], len(report), report, by=company.by("finance"))
    program = Program(company, "rep")
    program.post(
        "/contacts/", {"account": company.account.pk, "name": f"{NAME} II", "email": MAIL}, Idempotency_Key="c"
    )
    second = Contact.objects.get(name=f"{NAME} II")
    subjects = [f"contact/{contact.pk}", f"contact/{second.pk}", f"person/{gone.pk}", f"evidence/{piece.pk}"]
    return database, company, subjects, number


def test_nothing_remains_and_stays_away_after_a_restore(seeded, seal_all, outside, tmp_path, caplog, django_db_blocker):
    database, company, subjects, _number = seeded
    seal_all()
    assert {table for table, _ in found(dumped(database))} >= {
        "pipeline_contact", "pipeline_person", "pipeline_deal", "ledger_private_value", "governance_evidence",
        "ledger_idempotency",
    }  # fmt: skip
    assert found(in_files(outside / "evidence"))
    backup = _backup(database)
    files = {file: file.read_bytes() for file in (outside / "evidence").rglob("*") if file.is_file()}
    assert found([("a file", said.decode("latin-1")) for said in files.values()])

    name = erasures.request(subjects, [NAME, MAIL, PHONE, TEXT], "request-of-the-person", by=company.by("admin"))
    assert [table for table, _ in found(dumped(database))].count("ledger_private_value")  # the terms wait there
    done = erasures.carry_out(name, by=company.by("steward"))
    assert done.left == []
    run_outbox()
    seal_all()

    assert found(dumped(database)) == []
    assert private.in_the_record(patterns(CANARIES)) == []
    assert found(in_files(outside / "evidence", outside / "checkpoints")) == []
    assert found(in_redis()) == []
    assert found([("log", record.getMessage()) for record in caplog.records]) == []
    assert found(_exports(company, tmp_path)) == []
    report = verify()
    assert report.ok, [str(one) for verdict in report.verdicts.values() for one in verdict.violations]
    assert erasure_list.file().exists()

    # Files alone come back from a backup: the verifier names them, and the list takes them away again.
    gone = [file for file in files if not file.exists()]
    assert len(gone) == 2
    for file in gone:
        file.write_bytes(files[file])
    named = verify()["completeness"].violations
    assert [(one.fact, one.found) for one in named] == [("evidence", "it is there")] * 2
    call_command("reapply_erasures", stdout=io.StringIO())
    assert found(in_files(outside / "evidence")) == [] and verify().ok

    try:
        with _default_is(backup) as restored:
            assert found(dumped(restored))
            out = io.StringIO()
            call_command("reapply_erasures", stdout=out)
            run_outbox()
            assert found(dumped(restored)) == []
            before = _size(restored)
            call_command("reapply_erasures")
            assert _size(restored) == before
    finally:
        databases.drop(backup)


def _backup(database):
    """A dump, restored into a database of its own."""
    from django.db import connections

    connections.close_all()
    return databases.copy("restored", of=database.name)


def _size(database):
    with database.superuser() as everything, everything.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM ledger_entry")
        return cursor.fetchone()[0]


def _exports(company, folder):
    """What leaves the house: the bundle, the certified file, pages and lists."""
    call_command("export_bundle", str(folder / "bundle"))
    yield from in_files(folder / "bundle")
    program = Program(company, "cfo")
    yield "export", program.post("/exports/", {"measure": "booked"}, 200).content.decode()
    for address in ("/deals/", "/contacts/", "/ledger/entries/?limit=200", "/milestones/"):
        yield address, program.get(address).content.decode()
    client = Client()
    client.force_login(company.person("cro"))
    for page in ("/deals/", "/ledger/", "/", "/palette/?q=Oxb"):
        yield page, client.get(page).content.decode().replace("q=Oxb", "")


def test_a_text_that_vanished_without_an_erasure_is_named(lived, seal_all):
    database, _company = lived
    with database.superuser() as everything, everything.cursor() as cursor:
        cursor.execute("SELECT id, subject, salt, value FROM ledger_private_value ORDER BY id LIMIT 1")
        row = cursor.fetchone()
        cursor.execute("DELETE FROM ledger_private_value WHERE id = %s", [row[0]])
        everything.commit()
        try:
            first = verify()["completeness"].violations[0]
            assert first.fact.startswith("private ")
        finally:
            cursor.execute("INSERT INTO ledger_private_value VALUES (%s, %s, %s, %s)", row)
            everything.commit()
