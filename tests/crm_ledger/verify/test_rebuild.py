"""The state made anew from the record is the state that the triggers wrote, row by row."""

from __future__ import annotations

import io
from datetime import date
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connections

from crm_ledger.database_url import django_database
from crm_ledger.verify import rebuild, state
from crm_ledger.verify.run import verify
from governance.queries import capacity, heartbeat
from ledger.queries import moment
from ledger.rules.actor import SYSTEM
from pipeline.commands.import_deals import import_deals
from tests.ledger.sealing.test_balances import forget, roll
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


SO_FAR = {
    "pipeline_stay": ("pipeline/migrations/sql/stays_so_far.sql",),
    "governance_waiting": (
        "governance/migrations/sql/waiting_so_far.sql", "governance/migrations/sql/waiting_for_answers_so_far.sql",
    ),
}  # fmt: skip
_WANTED = f"SELECT s.unit, m.month::date, s.stage, sum(said.units)::bigint {capacity._WANTED} GROUP BY 1, 2, 3"
_WAITS = f"SELECT function, unit, value::bigint FROM ({heartbeat._WAITS}) AS waits ORDER BY 1, 2"
_POOLS = """
SELECT unit, month, soft, confirmed FROM governance_capacitymonth
WHERE soft + confirmed > 0 AND month >= %s AND month < %s
"""


def rows_written_by_a_migration(database):
    """The rows of a lived record, with those of `SO_FAR` as a migration fills them in."""
    files = (Path(file).read_text() for written in SO_FAR.values() for file in written)
    edit(database, *(f"DELETE FROM {table}" for table in SO_FAR), *files)
    return rows(database)


def ends_of_transactions():
    """The moments at which a transaction was whole: between its entries nothing was ever shown."""
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT max(recorded_at) FROM ledger_entry GROUP BY xid ORDER BY 1")
        return [row[0] for row in cursor.fetchall()]


def by_sums_and_folded(at):
    """(what waited, what was asked of capacity, what pools had given) by sums of blocks, and folded deal by deal."""
    first, until = date(at.year, at.month, 1), date(at.year + 2, at.month, 1)
    with moment.known_at(at), connections["default"].cursor() as cursor:
        cursor.execute(heartbeat._WAITED, [None])  # nothing here may be remembered from the run before
        waited = sorted(cursor.fetchall())
        cursor.execute(_WAITS, {"functions": None, "units": None})
        waits = cursor.fetchall()
        by_stage = capacity._by_stage(first, until, None).items()
        asked = {(*place, stage): units for place, stages in by_stage for stage, units in stages.items()}
        cursor.execute(_WANTED, capacity._span(first, until, None))
        wanted = {tuple(row[:3]): row[3] for row in cursor.fetchall()}
        months = [one.pool for unit in capacity._outlook(first, 24, None) for one in unit.months if one.pool.taken]
        pools = {(one.unit, one.month): (one.soft, one.confirmed) for one in months}
        cursor.execute(_POOLS, [first, until])
        given = {tuple(row[:2]): tuple(row[2:]) for row in cursor.fetchall()}
    return (waited, asked, pools), (waits, wanted, given)


def test_a_migration_fills_in_what_the_triggers_would_have_written(lived):
    database, _ = lived
    before = rows(database)
    assert rows_written_by_a_migration(database) == before


def test_sums_at_any_moment_are_what_folding_deals_says(lived):
    """Seen to fail, each change made in sql/waiting_totals.sql: months that a deal holds not taken from its own moves,
    an entry of a pool left out, the end of a while left out, a block that the moment cuts left out."""
    database, _ = lived
    forget(database)
    seen = [set(), set(), set()]
    for rolled, every in ((0, 9), (20, 2)):
        roll(database, 9, rolled)  # what comes later is behind the blocks
        for at in ends_of_transactions()[::every]:
            found, folded = by_sums_and_folded(at)
            assert found == folded, (at, rolled)
            for kept, one in zip(seen, found, strict=True):
                kept.add(str(one))
    assert all(len(kept) > 3 for kept in seen)


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
