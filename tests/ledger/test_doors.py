"""The only door into the record: what the insert of an entry refuses, and that nothing else moves anything.

Seen to fail: with a check taken out of ledger/migrations/sql/entry_trigger.sql, its test writes the entry. The rows of
`DOORS` were seen to fail with the guards left out (`ledger_guard` made empty, grants widened).
"""

import hashlib
import json
from datetime import date, timedelta
from decimal import Decimal

import psycopg2
import pytest
from django.db import connection

from governance.models import Evidence, EvidenceOpening
from ledger.queries import entries
from ledger.rules.envelope import microseconds
from pipeline.commands import organisation
from pipeline.queries import seats
from tests import forging, walking
from tests.company import SETUP
from tests.forging import INSERT, canonical, envelope, raw, refused, write

SECOND = 1_000_000


@pytest.fixture
def deal(company):
    return walking.opened(company)


@pytest.fixture
def stream(deal):
    return f"deal/{deal}"


def test_the_chain(stream, subtests):
    said = envelope(stream, "gate.refused", {})
    lies = {
        "forked": {"seq": said["seq"] - 1},
        "skipped": {"seq": said["seq"] + 1},
        "negative": {"seq": -1},
        "another predecessor": {"prev": "f" * 64},
        "no predecessor": {"prev": "0" * 64},
        "begins again": {"seq": 1, "prev": "0" * 64},
    }
    for name, lie in lies.items():
        with subtests.test(name), refused("40001"):
            raw(canonical(said | lie))
    with refused("40001"):
        write("account/999999", "account.opened", {}, seq=2)


def test_the_second_of_two_alike_is_refused(stream):
    data = canonical(envelope(stream, "gate.refused", {}))
    raw(data)
    with refused("40001"):
        raw(data)


def test_the_clock(stream, subtests):
    now = microseconds(seats.now())
    for name, at in (("an hour ago", now - 3600 * SECOND), ("in ten seconds", now + 10 * SECOND), ("never", 0)):
        with subtests.test(name), refused("an_entry_is_recorded_now"):
            write(stream, "gate.refused", {}, at=at)
    said = envelope(stream, "gate.refused", {})
    raw(canonical(said))
    with refused("time_runs_forward_in_a_stream"):
        write(stream, "gate.refused", {}, at=said["at"])
    with refused("time_runs_forward_in_a_stream"):
        write(stream, "gate.refused", {}, at=said["at"] - 1)


def test_kinds(stream, subtests):
    for kind in ("deal.gifted", "", "DEAL.OPENED"):
        with subtests.test(kind=kind), refused("an_entry_is_of_a_known_kind"):
            write(stream, kind, {})
    strays = [("seat.filled", stream), ("milestone.verified", "account/1"), ("policy.signed", "deals/1"),
              ("deal.opened", "account/1"), ("rate.published", "rates/EUR"), ("unit.opened", "")]  # fmt: skip
    for kind, place in strays:
        with subtests.test(kind=kind, stream=place), refused("a_kind_stands_in_its_stream"):
            write(place, kind, {})


def test_size(stream):
    room = 32 * 1024 - len(canonical(envelope(stream, "gate.refused", {"note": ""})))
    with refused("an_envelope_is_at_most_32_kib"):
        write(stream, "gate.refused", {"note": "x" * (room + 1)})
    write(stream, "gate.refused", {"note": "x" * room})


FIELDS = "an_envelope_has_exactly_its_fields"
OBJECT = "an_envelope_is_one_object_that_repeats_no_key"
WHOLE = "an_envelope_holds_whole_numbers_only"


def test_fields_of_the_envelope(stream, subtests):
    said = envelope(stream, "gate.refused", {})
    for field in said:
        with subtests.test(missing=field), refused(FIELDS):
            raw(canonical({name: value for name, value in said.items() if name != field}))
    lies = [{"more": 1}, {"v": 2}, {"v": None}, {"seq": str(said["seq"])}, {"at": str(said["at"])}, {"actor": None},
            {"actor": "1"}, {"body": []}, {"body": None}, {"channel": "back"}, {"channel": None}, {"on_behalf": "1"},
            {"private": {}}, {"evidence": None}]  # fmt: skip
    for lie in lies:
        with subtests.test(lie=lie), refused(FIELDS):
            raw(canonical(said | lie))


def test_evil_json(stream, subtests):
    said = canonical(envelope(stream, "gate.refused", {"note": "n"}))
    evil = {
        "a repeated key": (OBJECT, said.replace(b'"v":1', b'"v":1,"v":1')),
        "a repeated key inside": (OBJECT, said.replace(b'"note":"n"', b'"note":"n","note":"m"')),
        "an escaped repetition": (OBJECT, said.replace(b'"note":"n"', b'"note":"n","\\u006eote":"m"')),
        "no object": (OBJECT, b"[1]"),
        "no JSON": (OBJECT, b"{"),
        "nothing": (OBJECT, b""),
        "a NUL": (OBJECT, said.replace(b'"n"', b'"\\u0000"')),
        "a raw NUL": ("22021", said.replace(b'"n"', b'"\x00"')),
        "no UTF-8": ("22021", said.replace(b'"n"', b'"\xff"')),
        "half a pair": (OBJECT, said.replace(b'"n"', b'"\\ud800"')),
        "a float": (WHOLE, said.replace(b'"n"', b"0.5")),
        "a whole float": (WHOLE, said.replace(b'"n"', b"1.0")),
        "a float with space": (WHOLE, said.replace(b'"n"', b" -1.5")),
        "a float in a list": (WHOLE, said.replace(b'"n"', b"[1,2.5]")),
        "an exponent": (WHOLE, said.replace(b'"n"', b"1e3")),
        "a great exponent": (WHOLE, said.replace(b'"n"', b"1E400")),
        "a great integer": (WHOLE, said.replace(b'"n"', b"12345678901234567890")),
    }
    for name, (constraint, data) in evil.items():
        assert data != said
        with subtests.test(name), refused(constraint):
            raw(data)


def test_numbers_inside_texts_are_no_numbers(stream):
    write(stream, "gate.refused", {"note": 'from:1.5 to,2.5 or [3.5 "quoted\\":4.5" and :12345678901234567890'})


def test_postings_are_moved_and_never_invented(stream, subtests):
    def line(**changes):
        return {"book": "revenue", "place": "baseline", "period": "2026-11-01", "unit": "east", "deal": 1, "seat": 1,
                "amount": 1, "currency": "USD", "cause": "new"} | changes  # fmt: skip

    crooked = {
        "one sided": [line()],
        "a minor unit too much": [line(amount=-100), line(amount=101)],
        "across books": [line(), line(book="capacity", amount=-1)],
        "across currencies": [line(), line(currency="EUR", amount=-1)],
    }
    for name, postings in crooked.items():
        with subtests.test(name), refused("postings_sum_to_zero"):
            write(stream, "gate.refused", {"postings": postings})
    with refused("a_period_starts_on_the_first"):
        write(stream, "gate.refused", {"postings": [line(period="2026-11-02"), line(period="2026-11-02", amount=-1)]})
    with refused("ledger_posting_book_check"):
        write(stream, "gate.refused", {"postings": [line(book="pocket"), line(book="pocket", amount=-1)]})
    with refused("only_a_deal_moves_value"):
        write(
            "account/999999", "account.opened", {"postings": [line(book="bookings"), line(book="bookings", amount=-1)]}
        )


def test_every_column_is_read_from_the_bytes(company, deal):
    """The owner may name other columns; the trigger overwrites each."""
    data = canonical(envelope(f"deal/{deal}", "gate.refused", {}, actor=7))
    with refused("42501"), connection.cursor() as cursor:
        cursor.execute("INSERT INTO ledger_entry (envelope, actor) VALUES (%s, 1)", [data])
    with refused("42501"), connection.cursor() as cursor:
        cursor.execute("INSERT INTO ledger_entry (id, envelope) OVERRIDING SYSTEM VALUE VALUES (1, %s)", [data])
    raw(data)
    with connection.cursor() as cursor:
        cursor.execute("SELECT actor, hash FROM ledger_entry ORDER BY id DESC LIMIT 1")
        actor, digest = cursor.fetchone()
    assert (actor, bytes(digest)) == (7, hashlib.sha256(b"\x00" + data).digest())


def test_forged_columns_of_the_owner_are_overwritten(committed_company):
    database, company = committed_company
    deal = walking.opened(company)
    data = canonical(envelope(f"deal/{deal}", "gate.refused", {}, actor=7))
    connection.close()
    with database.owner() as owner, owner.cursor() as cursor:
        cursor.execute(
            "INSERT INTO ledger_entry"
            " (xid, stream, seq, kind, actor, recorded_at, effective_at, stage, amount_minor, envelope)"
            " VALUES ('1', 'x', 99, 'x', 1, '2000-01-01', '2000-01-01', 'booked', 1, %s)"
            " RETURNING stream, seq, kind, actor, stage, amount_minor, xid = pg_current_xact_id()",
            [data],
        )
        assert cursor.fetchone() == (f"deal/{deal}", 2, "gate.refused", 7, None, None, True)
        with pytest.raises(psycopg2.errors.GeneratedAlways):
            cursor.execute("INSERT INTO ledger_entry (envelope, hash) VALUES (%s, %s)", [data, b"x" * 32])


# What is tried on each protected table; {} is the table.
DOORS = {
    "ledger_entry": "UPDATE {} SET stage = 'booked'",
    "ledger_posting": "UPDATE {} SET amount = 1",
    "ledger_stream": "UPDATE {} SET version = version + 1",
    "ledger_standing": "UPDATE {} SET effect = 'met'",
    "pipeline_dealstate": "UPDATE {} SET {{}}",
    "pipeline_seat": "UPDATE {} SET function = 'finance'",
    "pipeline_fxrate": "UPDATE {} SET rate = 1",
    "pipeline_policyversion": "UPDATE {} SET document = 'null'",
    "pipeline_policystage": "UPDATE {} SET place = 0",
    "pipeline_gaterequirement": "UPDATE {} SET conditional = true",
    "governance_evidence": "UPDATE {} SET sha256 = ''",
    "governance_evidenceopening": "UPDATE {} SET opened_at = now()",
    "ledger_leaf": "UPDATE {} SET hash = ''",
    "ledger_tile": "UPDATE {} SET root = ''",
    "ledger_seal": "UPDATE {} SET size = 0",
    "ledger_publication": "UPDATE {} SET at = now()",
    "ledger_block": "UPDATE {} SET to_idx = 0",
    "ledger_total": "UPDATE {} SET amount = 0",
}
STATE = ("stage = 'booked'", "amount_minor = 1", "currency = 'EUR'", "close_on = '2030-01-01'", "owner_id = 1",
         "unit = 'west'", "terms = 'x'", "value_minor = 1", "place = 'booked'", "version = version + 1")  # fmt: skip
SEATS = (
    "INSERT INTO pipeline_seat (id, person_id, function, role, from_at, entry_id)"
    " VALUES (999, 1, 'finance', 'lead', now(), 1)"
)
STANDING = (
    "INSERT INTO ledger_standing (stream, key, requirement, effect, status, entry_id, actor, at)"
    " VALUES ('deal/1', 'x', 'milestone', 'met', 'verified', 1, 1, now())"
)
POSTING = (
    "INSERT INTO ledger_posting (entry_id, recorded_at, book, place, period, unit, amount, cause)"
    " VALUES (1, now(), 'bookings', 'booked', '2026-11-01', 'east', 1, 'won')"
)
CLOCK = "SELECT ledger_move_demo_clock(now() + interval '1 day')"


def attempts():
    for table, update in DOORS.items():
        for change in STATE if table == "pipeline_dealstate" else ("",):
            yield update.format(table).format(change), table
        yield f"DELETE FROM {table}", table
        yield f"TRUNCATE {table} CASCADE", table
    yield from ((SEATS, "pipeline_seat"), (STANDING, "ledger_standing"), (POSTING, "ledger_posting"))


NAMES = {
    "the_record_is_only_added_to",
    "state_moves_only_by_an_entry",
    "a_deal_moves_only_by_an_entry_of_the_same_transaction",
}


def with_rows(committed_company):
    """One row in each protected table, so that a row trigger has something to refuse."""
    database, company = committed_company
    if not has_rows():
        number = walking.solution(company)
        walking.submitted(company, number, "credit-approved", "finance")
        organisation.publish_rate("EUR", date(2026, 1, 1), Decimal("1.1"), by=SETUP)
        EvidenceOpening.objects.create(
            evidence=Evidence.objects.first(), person=company.people["finance2"], opened_at=seats.now()
        )
    connection.close()
    return database


def has_rows():
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM pipeline_fxrate)")
        return cursor.fetchone()[0]


# The tests of sealing and of totals fill these.
EMPTY = ("ledger_leaf", "ledger_tile", "ledger_seal", "ledger_publication", "ledger_block", "ledger_total")


def test_the_application_may_not(committed_company, subtests):
    database = with_rows(committed_company)
    more = [
        ("ALTER TABLE ledger_entry DISABLE TRIGGER ALL", ""),
        ("DROP TRIGGER never_changes ON ledger_entry", ""),
        ("CREATE OR REPLACE FUNCTION ledger_refuse_change() RETURNS trigger LANGUAGE sql AS $$ $$", ""),
        ("SET session_replication_role = replica", ""),
        ("SET ROLE ledger_owner", ""),
        ("UPDATE ledger_clock SET demo = true", ""),
        ("CREATE TEMP TABLE mine (id int)", ""),
        ("SELECT ledger_guard('ledger_entry', true)", ""),
    ]
    with database.app() as app, app.cursor() as cursor:
        for statement, _ in [*attempts(), *more]:
            with subtests.test(statement), pytest.raises(psycopg2.Error) as caught:
                cursor.execute(statement)
            assert caught.value.pgcode in ("42501", "42601"), caught.value
            app.rollback()


def test_the_owner_may_not(committed_company, subtests):
    """The owner can switch a trigger off: that is found by ledger.checks, see tests/architecture/test_checks.py."""
    database = with_rows(committed_company)
    with database.owner() as owner, owner.cursor() as cursor:
        for statement, table in attempts():
            if table in EMPTY and "TRUNCATE" not in statement:
                continue
            with subtests.test(statement), pytest.raises(psycopg2.Error) as caught:
                cursor.execute(statement)
            assert caught.value.diag.constraint_name in NAMES, caught.value
            owner.rollback()
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            cursor.execute("SET session_replication_role = replica")


def test_a_superuser_in_replica_mode_may_not(committed_company, subtests):
    database = with_rows(committed_company)
    with database.superuser() as root, root.cursor() as cursor:
        for statement, table in attempts():
            if table in EMPTY and "TRUNCATE" not in statement:
                continue
            cursor.execute("SET session_replication_role = replica")
            with subtests.test(statement), pytest.raises(psycopg2.Error) as caught:
                cursor.execute(statement)
            assert caught.value.diag.constraint_name in NAMES, caught.value
            root.rollback()


def test_a_superuser_in_replica_mode_forges_no_entry(committed_company):
    database, company = committed_company
    data = canonical(envelope(f"deal/{walking.opened(company)}", "gate.refused", {}, seq=9))
    connection.close()
    with database.superuser() as root, root.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        with pytest.raises(psycopg2.errors.SerializationFailure):
            cursor.execute(INSERT, [data])


def test_the_clock_stands_without_a_demo(committed_db):
    with committed_db.app() as app, app.cursor() as cursor, pytest.raises(psycopg2.errors.InsufficientPrivilege):
        cursor.execute(CLOCK)


def test_the_clock_of_a_demo_runs_forward_only(committed_company):
    database, company = committed_company
    walking.opened(company)
    connection.close()
    with database.owner() as owner, owner.cursor() as cursor:
        cursor.execute("UPDATE ledger_clock SET demo = true")
        cursor.execute("SELECT ledger_move_demo_clock(ledger_now() + %s)", [timedelta(days=3)])
        with pytest.raises(psycopg2.errors.CheckViolation):
            cursor.execute("SELECT ledger_move_demo_clock(now())")


def test_an_entry_is_read_back_as_it_was_hashed(stream):
    entry = entries.timeline(stream)[0]
    with connection.cursor() as cursor:
        cursor.execute("SELECT envelope FROM ledger_entry WHERE id = %s", [entry.id])
        data = bytes(cursor.fetchone()[0])
    assert entry.hash == hashlib.sha256(b"\x00" + data).hexdigest()
    assert entry.body == json.loads(data)["body"]
    assert forging.canonical(json.loads(data)) == data
