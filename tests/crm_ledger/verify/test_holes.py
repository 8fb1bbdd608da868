"""What a superuser with the triggers off may still try: each is named, and the record as it lives is not."""

from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import connection, transaction

from crm_ledger.verify.run import verify
from crm_ledger.verify.scrub import scrub
from pipeline.queries import seats
from tests import forging
from tests.crm_ledger.verify.conftest import SIGNER  # noqa: F401  the same signer seals what is forged


@contextmanager
def unguarded(database):
    """The triggers of entries are off, as a superuser can have it; everything is taken back afterwards."""
    with database.superuser() as superuser, superuser.cursor() as cursor:
        cursor.execute("SELECT tgname FROM pg_trigger WHERE tgrelid = 'ledger_entry'::regclass AND NOT tgisinternal")
        names = [row[0] for row in cursor.fetchall()]
        for name in names:
            cursor.execute(f"ALTER TABLE ledger_entry DISABLE TRIGGER {name}")
        superuser.commit()
        try:
            yield cursor
        finally:
            superuser.rollback()
            cursor.execute("DELETE FROM ledger_entry WHERE kind = 'unit.opened' AND stream LIKE 'unit/forged%'")
            for name in names:
                cursor.execute(f"ALTER TABLE ledger_entry ENABLE ALWAYS TRIGGER {name}")
            superuser.commit()


@pytest.mark.parametrize(("seconds", "named"), [(300, True), (3, False)])
def test_an_entry_that_is_back_dated_by_minutes_is_named(lived, seconds, named):
    database, _ = lived
    at = seats.now() - timedelta(seconds=seconds)
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(recorded_at) FROM ledger_entry")
        newest = cursor.fetchone()[0]
    at = min(at, newest - timedelta(seconds=seconds))
    said = forging.envelope("unit/forged", "unit.opened", {"unit": "forged"}, at=int(at.timestamp() * 1e6))
    with unguarded(database) as cursor:
        cursor.execute(
            "INSERT INTO ledger_entry (stream, seq, kind, actor, recorded_at, effective_at, envelope)"
            " VALUES ('unit/forged', 1, 'unit.opened', 0, ledger_moment(%s), ledger_moment(%s), %s)",
            [str(said["at"]), str(said["effective"]), forging.canonical(said)],
        )
        cursor.connection.commit()
        found = [one for one in verify()["integrity"].violations if one.fact == "recorded_at"]
    assert bool(found) is named
    if named:
        assert found[0].place == "unit/forged 1" and "not before" in str(found[0].expected)


def forged(database, kind, body, actor, deal):
    """The verdicts on a record in which this entry stands at the end of a deal; then it is taken back."""
    with transaction.atomic():
        forging.write(f"deal/{deal}", kind, body, actor=actor)
        with connection.cursor() as cursor:
            cursor.execute("SELECT id, recorded_at FROM ledger_entry ORDER BY id DESC LIMIT 1")
            number = cursor.fetchone()[0]
    return number, [one for one in verify()["lawfulness"].violations if one.entry == number]


def a_verified_milestone():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT split_part(stream, '/', 2)::bigint, key, function FROM ledger_standing"
            " WHERE requirement = 'milestone' AND status = 'verified' ORDER BY entry_id DESC LIMIT 1"
        )
        return cursor.fetchone()


def test_a_revocation_by_somebody_of_another_function_is_unlawful(lived):
    database, company = lived
    deal, key, function = a_verified_milestone()
    body = {"key": key, "requirement": "milestone", "function": function}
    _, found = forged(database, "milestone.revoked", body, company.person("auditor").pk, deal)
    assert [one.fact for one in found] == ["actor"] and "[SOD-7]" in str(found[0].expected)


def test_an_assignment_by_a_stranger_is_unlawful(lived):
    database, company = lived
    deal = a_verified_milestone()[0]
    body = {"after": forging.after(deal)}
    _, found = forged(database, "deal.assigned", body, company.person("rep2").pk, deal)
    assert "actor" in [one.fact for one in found] and "[DEAL-ACT-2]" in str(found)


def test_an_amendment_by_a_stranger_is_unlawful(lived):
    database, company = lived
    deal = a_verified_milestone()[0]
    body = {"after": forging.after(deal), "changed": []}
    _, found = forged(database, "deal.amended", body, company.person("finance").pk, deal)
    assert [one.fact for one in found] == ["actor"] and "[DEAL-ACT-1]" in str(found)


def test_a_submission_by_nobody_of_the_function_is_unlawful(lived):
    database, company = lived
    deal, key, function = a_verified_milestone()
    body = {"key": key, "requirement": "milestone", "function": function}
    _, found = forged(database, "milestone.submitted", body, company.person("auditor").pk, deal)
    assert {one.fact for one in found} == {"actor", "status"}


def test_the_scrub_in_sql_holds_and_names_what_is_changed(lived):
    database, _ = lived
    assert scrub() == []
    with database.superuser() as superuser, superuser.cursor() as cursor:
        cursor.execute("SELECT id FROM ledger_entry WHERE seq = 2 ORDER BY id LIMIT 1")
        number = cursor.fetchone()[0]
        cursor.execute("ALTER TABLE ledger_entry DISABLE TRIGGER never_changes")
        change = (
            "UPDATE ledger_entry SET envelope = convert_to(replace(convert_from(envelope, 'UTF8'), %s, %s), 'UTF8')"
        )
        cursor.execute(f"{change} WHERE id = %s", ['"v":1', '"v":7', number])
        superuser.commit()
        try:
            found = scrub()
            assert {(one.entry, one.fact) for one in found} >= {(number, "leaf hash")}
        finally:
            cursor.execute(f"{change} WHERE id = %s", ['"v":7', '"v":1', number])
            cursor.execute("ALTER TABLE ledger_entry ENABLE ALWAYS TRIGGER never_changes")
            superuser.commit()
    assert scrub() == []
