"""Erasing: two people, ids only, the record still verifies, and only an entry can do it."""

import hashlib
import io
import json
import zipfile
import zlib

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.db.utils import DatabaseError

from governance.commands import erased_files, erasures, evidence_store, file_search, milestones
from ledger.commands import outbox
from ledger.commands.append import Draft, append, lock
from ledger.queries import entries, private
from ledger.rules.problems import Problem
from pipeline.commands import closing
from pipeline.models import Contact, Deal
from pipeline.queries import deals
from tests import walking

CANARY = "Quillon Farrow"


@pytest.fixture
def deal(company):
    Contact.objects.filter(pk=company.contact).update(name=CANARY, email="q.farrow@canary.example", job="Buyer")
    number = walking.opened(company, need=f"{CANARY} wants a line that never stops")
    closing.lose(number, "price", by=company.by("rep"), note="Mr. Farrow, +41 79 555 01 99, said no")
    Deal.objects.filter(pk=number).update(title=f"Line for {CANARY.lower()}")
    return number


def erase(company, subjects=(), terms=()):
    name = erasures.request(subjects, terms, "request-of-the-person", by=company.by("admin"))
    return erasures.carry_out(name, by=company.by("steward"))


def bodies(name):
    return [(kind, body) for kind, _actor, body in private.erasure(f"erasure/{name}")]


def test_names_go_texts_go_and_the_record_says_which(company, deal):
    done = erase(company, [f"contact/{company.contact}"], ["+41 79 555 01 99"])
    contact = Contact.objects.get(pk=company.contact)
    assert (contact.name, contact.email, contact.job) == (f"Erased contact {contact.pk}", "", "")
    assert Deal.objects.get(pk=deal).title == "Erased"
    assert deals.read_one(deal).view.inputs["need"] is None
    assert (done.rows, done.evidence, done.left) == (1, 0, [])
    assert done.texts == 3  # the need, the note, and the terms of the request
    [asked, carried] = bodies(done.name)
    said = {"subjects": [f"contact/{contact.pk}"], "reason": "request-of-the-person", "terms": 1}
    assert asked == ("erasure.requested", said)
    assert carried[0] == "erasure.done" and carried[1]["rows"] == [f"pipeline_deal/{deal}"]
    assert len(carried[1]["values"]) == 3
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(convert_from(envelope, 'UTF8'), ' ') FROM ledger_entry")
        [said] = cursor.fetchone()
    assert "Farrow" not in said and "555 01" not in said
    assert private.in_the_record(["%Farrow%"]) == []


def test_what_was_erased_reads_as_missing(company, deal):
    erase(company, [f"deal/{deal}"])
    lost = entries.timeline(f"deal/{deal}")[0]
    assert lost.kind == "deal.lost" and lost.private == {}


@pytest.mark.parametrize("who", ["admin"])
def test_who_asks_does_not_do_it(company, who):
    name = erasures.request([f"contact/{company.contact}"], [], "entered-by-mistake", by=company.by(who))
    with pytest.raises(Problem) as refused, transaction.atomic():
        erasures.carry_out(name, by=company.by(who))
    assert (refused.value.status, refused.value.slug) == (403, "separation-of-duties")
    # Nor through SQL: the trigger holds the same.
    draft = Draft("erasure.done", {"subjects": [], "values": [], "rows": [], "evidence": [], "reason": "x"})
    with pytest.raises(DatabaseError, match="one person and carried out by another"), transaction.atomic():
        append(lock(f"erasure/{name}"), draft, by=company.by(who))


@pytest.mark.parametrize("who", ["rep", "manager", "ops", "auditor", "cfo"])
def test_others_do_not_ask(company, who):
    with pytest.raises(Problem, match="ERASE-ACT-1"), transaction.atomic():
        erasures.request([f"contact/{company.contact}"], [], "entered-by-mistake", by=company.by(who))


def test_it_is_done_once(company):
    done = erase(company, [f"contact/{company.contact}"])
    with pytest.raises(Problem, match="ERASE-5"), transaction.atomic():
        erasures.carry_out(done.name, by=company.by("cfo"))
    with pytest.raises(Problem) as refused, transaction.atomic():
        erasures.carry_out("0" * 32, by=company.by("cfo"))
    assert refused.value.status == 404


@pytest.mark.parametrize(
    ("subjects", "terms", "reason", "code"),
    [
        (["contact/999999"], [], "entered-by-mistake", "ERASE-1"),
        (["robot/1"], [], "entered-by-mistake", "ERASE-1"),
        (["evidence/999999"], [], "entered-by-mistake", "ERASE-1"),
        (["contact/1; DROP"], [], "entered-by-mistake", "ERASE-1"),
        ([], ["abc"], "entered-by-mistake", "ERASE-2"),
        ([], ["a name\nand another"], "entered-by-mistake", "ERASE-2"),
        ([], ["a name"], "because", "ERASE-3"),
        ([], [], "entered-by-mistake", "ERASE-4"),
    ],
)
def test_what_cannot_be_asked(company, subjects, terms, reason, code):
    with pytest.raises(Problem) as wrong, transaction.atomic():
        erasures.request(subjects, terms, reason, by=company.by("admin"))
    assert [fault.code for fault in wrong.value.faults] == [code]


def test_who_still_sits_is_not_erased(company):
    with pytest.raises(Problem) as wrong, transaction.atomic():
        erasures.request([f"person/{company.people['rep'].pk}"], [], "entered-by-mistake", by=company.by("admin"))
    assert [fault.code for fault in wrong.value.faults] == ["ERASE-6"]


def test_a_text_is_deleted_by_its_entry_alone(company, deal):
    for statement in (
        "DELETE FROM ledger_private_value",
        "UPDATE ledger_private_value SET value = ''",
        "UPDATE governance_evidence SET name = ''",
    ):
        refused = pytest.raises(DatabaseError, match="permission denied")
        with refused, transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def test_a_term_with_signs_of_a_pattern_finds_itself_only(company, deal):
    done = erase(company, terms=["100%_sure"])
    assert done.texts == 1  # the terms themselves


def test_evidence_loses_its_words_and_keeps_its_hash(company):
    number = walking.solution(company)
    row = walking.milestone(number, "credit-approved")
    piece = milestones.add_value(row, "reference", f"Call of {CANARY}", by=company.by("finance"))
    digest = piece.sha256
    done = erase(company, terms=[CANARY])
    piece.refresh_from_db()
    assert (piece.name, piece.value, piece.sha256, done.evidence) == ("", "", digest, 1)


def test_another_with_the_same_name_is_told_and_left(company, deal):
    other = Contact.objects.create(account=company.account, name=f"{CANARY} junior")
    done = erase(company, [f"contact/{company.contact}"])
    assert done.left == [f"pipeline_contact/{other.pk}"]


def test_many_texts_are_several_entries(company, monkeypatch, deal):
    monkeypatch.setattr("governance.rules.personal.MOST_IDS", 1)
    done = erase(company, [f"contact/{company.contact}"], ["+41 79 555 01 99"])
    said = bodies(done.name)
    assert [kind for kind, _ in said] == ["erasure.requested", *["erasure.done"] * 3]
    assert len({json.dumps(body["values"]) for _kind, body in said[1:]}) == 3


def test_a_file_goes_wherever_the_same_file_was_given_and_its_hash_stays(company, settings, tmp_path):
    settings.EVIDENCE_ROOT = tmp_path
    pdf = b"%PDF-1.7 of " + CANARY.encode()
    pieces = []
    for name in ("plan.pdf", "the-same.pdf", "another.pdf"):
        row = walking.milestone(walking.solution(company), "credit-approved")
        said = pdf if name != "another.pdf" else b"%PDF-1.7 of nobody"
        pieces.append(milestones.add_file(row, name, [said], len(said), said, by=company.by("finance")))
    done = erase(company, [f"evidence/{pieces[0].pk}"])
    assert done.evidence == 2
    for entry, topic in outbox.claim(1000):
        if topic == erased_files.TOPIC:
            erased_files.follow(entry)
    assert [evidence_store.path_of(piece.sha256).exists() for piece in pieces] == [False, False, True]
    for piece in pieces:
        piece.refresh_from_db()
    assert [(piece.name, piece.erased) for piece in pieces] == [("", True), ("", True), ("another.pdf", False)]
    assert pieces[0].sha256 == pieces[1].sha256 == hashlib.sha256(pdf).hexdigest()


@pytest.mark.parametrize("term", ["Quillon Farrow", "quillon farrow"])
def test_files_that_speak_of_somebody_are_found(company, settings, tmp_path, term):
    settings.EVIDENCE_ROOT = tmp_path
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as document:
        document.writestr("word/document.xml", f"<w:t>{CANARY} agrees</w:t>" * 50)
    squeezed = zlib.compress(f"BT ({CANARY}) Tj ET".encode() * 50)
    files = {
        "plain.txt": f"told by {CANARY}".encode(),
        "packed.docx": packed.getvalue(),
        "squeezed.pdf": b"%PDF-1.7\n1 0 obj\n<<>>\nstream\r\n" + squeezed + b"\nendstream",
        "silent.txt": b"told by nobody",
    }
    row = walking.milestone(walking.solution(company), "credit-approved")
    added = {}
    for name, said in files.items():
        added[name] = milestones.add_file(row, name, [said], len(said), said, by=company.by("finance")).pk
    wanted = [added[name] for name in ("plain.txt", "packed.docx", "squeezed.pdf")]
    assert file_search.holding([term]) == wanted
    call_command("erase", "look", term, stdout=(out := io.StringIO()))
    assert out.getvalue().split() == [
        f"evidence/{added[name]}" for name in ("plain.txt", "packed.docx", "squeezed.pdf")
    ]
