"""The state made anew from the record is the state that the triggers wrote, row by row."""

from __future__ import annotations

import io

import pytest
from django.core.management import CommandError, call_command
from django.db import connections

from crm_ledger.database_url import django_database
from crm_ledger.verify import rebuild, state
from crm_ledger.verify.run import verify
from ledger.rules.actor import SYSTEM
from pipeline.commands.import_deals import import_deals
from tests.pipeline import importing


@pytest.fixture
def owner(committed_db):
    settings = django_database(committed_db.owner_url, application="tests")
    connections.settings["owner"] = {**connections.settings["default"], **settings}
    yield "owner"
    connections["owner"].close()
    del connections.settings["owner"]
    del connections["owner"]


def rows(database):
    """Table → its rows, every column but numbers that the database hands out."""
    with database.superuser() as root, root.cursor() as cursor:
        found = {}
        for table in state.TABLES:
            cursor.execute(f"SELECT to_jsonb(t) FROM (SELECT {', '.join(table.all)} FROM {table.name}) AS t")
            found[table.name] = sorted(str(row[0]) for row in cursor.fetchall())
        return found


def edit(database, *statements):
    """As a superuser with the guards off, and on again."""
    with database.superuser() as root, root.cursor() as cursor:
        cursor.execute(
            "SELECT tgrelid::regclass::text, tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled = 'A'"
            " AND tgrelid = ANY (%s::text[]::regclass[])",
            [[table.name for table in state.TABLES]],
        )
        always = cursor.fetchall()
        for table in state.TABLES:
            cursor.execute(f"ALTER TABLE {table.name} DISABLE TRIGGER USER")
        for statement in statements:
            cursor.execute(statement)
        for table, guard in always:
            cursor.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {guard}")
        root.commit()


def dry_run():
    said = io.StringIO()
    try:
        call_command("rebuild_state", "--dry-run", stdout=said)
    except SystemExit as left:
        return left.code, said.getvalue().splitlines()
    return 0, said.getvalue().splitlines()


def test_an_untouched_state_has_no_differences(lived):
    assert dry_run() == (0, ["The state says what the record says."])


def test_the_state_is_made_anew_row_by_row(lived, owner):
    database, _ = lived
    import_deals(importing.files(importing.WON, importing.LOST, importing.ENGAGING), by=SYSTEM)
    before = rows(database)
    assert [name for name, found in before.items() if not found] == [], "a life leaves no state table empty"
    with pytest.raises(CommandError, match="has rows"):
        call_command("rebuild_state")
    assert rows(database) == before
    edit(database, f"TRUNCATE {', '.join(table.name for table in state.TABLES)}")
    said = io.StringIO()
    call_command("rebuild_state", stdout=said)
    assert rows(database) == before
    assert f"pipeline_dealstate {len(before['pipeline_dealstate']):>20,} rows" in said.getvalue()
    assert verify().ok


def test_a_rebuild_replaces_what_was_edited(lived, owner):
    database, _ = lived
    before = rows(database)
    edit(
        database,
        "UPDATE pipeline_dealstate SET stage = 'booked' WHERE stage = 'commit'",
        "DELETE FROM ledger_standing WHERE status = 'verified'",
    )
    assert dry_run()[0] == 1
    call_command("rebuild_state", "--replace", stdout=io.StringIO())
    assert rows(database) == before


_FIRST = "(SELECT min(id) FROM ledger_posting WHERE book = 'bookings')"
EDITS = [
    (
        "UPDATE pipeline_dealstate SET amount_minor = 1 WHERE deal_id = 1",
        "pipeline_dealstate deal/1: amount_minor: expected 10000000, found 1",
    ),
    ("UPDATE pipeline_dealstate SET terms_entry = 7 WHERE deal_id = 1", "pipeline_dealstate deal/1: terms_entry: "),
    ("UPDATE pipeline_seat SET role = 'lead' WHERE id = 1", "pipeline_seat 1: role: expected rep, found lead"),
    (
        "DELETE FROM ledger_standing WHERE (stream, key) = ('deal/1', 'credit-approved')",
        "ledger_standing deal/1 credit-approved: row: expected {",
    ),
    ("UPDATE ledger_stream SET version = 99 WHERE id = 'deal/1'", "ledger_stream deal/1: version: "),
    (f"UPDATE ledger_posting SET amount = 1 WHERE id = {_FIRST}", "amount: expected -10000000, found 1"),
    (f"DELETE FROM ledger_posting WHERE id = {_FIRST}", "ledger_posting "),
    (
        "UPDATE pipeline_gaterequirement SET function = 'sales' WHERE key = 'credit-approved'",
        "credit-approved: function: expected finance, found sales",
    ),
    (
        "INSERT INTO ledger_stream VALUES ('deal/77', 1, sha256(''), now())",
        "ledger_stream deal/77: row: expected None, found a row that no entry wrote",
    ),
    ("UPDATE pipeline_fxrate SET rate = 2", "rate: expected 1.1"),
]


@pytest.mark.parametrize(("statement", "named"), EDITS, ids=lambda said: said[:40])
def test_a_dry_run_names_table_key_column_expected_and_found(lived, owner, statement, named):
    database, _ = lived
    edit(database, statement)
    try:
        code, lines = dry_run()
        assert code == 1
        assert any(named in line for line in lines), lines
    finally:
        rebuild.rebuild(owner, replace=True)
    assert dry_run()[0] == 0


def test_without_the_owner_nothing_is_rebuilt(lived):
    with pytest.raises(CommandError, match="DATABASE_OWNER_URL"):
        call_command("rebuild_state")
