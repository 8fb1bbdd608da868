"""The product refuses to start on a database whose guards have been tampered with: each sabotage is found by name."""

import pytest
from django.core import checks
from django.db import connection, connections

from ledger.checks import guards_are_in_place


def found(database):
    connections["default"].close()
    return [(error.id, error.msg) for error in guards_are_in_place(databases=["default"])]


@pytest.fixture
def sabotage(committed_db):
    """Runs statements as the owner, and after the test the ones that undo them."""
    mending = []

    def run(statement, mend):
        with committed_db.owner() as owner:
            owner.cursor().execute(statement)
            owner.commit()
        mending.append(mend)
        return found(committed_db)

    yield run
    with committed_db.owner() as owner:
        for mend in mending:
            owner.cursor().execute(mend)
        owner.commit()
    assert found(committed_db) == []


def test_a_clean_database_passes(committed_db):
    assert found(committed_db) == []
    assert checks.run_checks(tags=[checks.Tags.database], databases=["default"]) == []


TRIGGERS = [
    ("ledger_entry", "never_changes"),
    ("ledger_entry", "entry_1_extends_its_stream"),
    ("ledger_entry", "entry_2_moves_its_deal"),
    ("ledger_entry", "entry_4_keeps_duties_apart"),
    ("pipeline_dealstate", "never_changes"),
    ("ledger_standing", "never_empties"),
    ("governance_evidence", "never_changes"),
]


@pytest.mark.parametrize(("table", "trigger"), TRIGGERS)
@pytest.mark.parametrize("how", ["DISABLE", "ENABLE", "ENABLE REPLICA"])
def test_a_trigger_switched_off_or_made_ordinary(sabotage, table, trigger, how):
    mend = f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {trigger}"
    assert sabotage(f"ALTER TABLE {table} {how} TRIGGER {trigger}", mend) == [
        ("ledger.E001", f"the guard {trigger} on {table} is missing or switched off")
    ]


def test_a_trigger_that_does_nothing(sabotage, committed_db):
    with committed_db.owner() as owner, owner.cursor() as cursor:
        cursor.execute("SELECT pg_get_functiondef('ledger_refuse_change'::regproc)")
        was = cursor.fetchone()[0]
    hollow = (
        "CREATE OR REPLACE FUNCTION ledger_refuse_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'"
    )
    assert sabotage(hollow, was) == [
        ("ledger.E004", "the function ledger_refuse_change is not the one of the migrations")
    ]


GRANTS = [
    ("UPDATE ON pipeline_dealstate", "ledger_app", "may UPDATE on pipeline_dealstate"),
    ("UPDATE (stage) ON pipeline_dealstate", "ledger_app", "may UPDATE (stage) on pipeline_dealstate"),
    ("INSERT (hash) ON ledger_entry", "ledger_app", "may INSERT (hash) on ledger_entry"),
    ("DELETE ON ledger_entry", "PUBLIC", "may DELETE on ledger_entry"),
    ("TRUNCATE ON ledger_posting", "ledger_app", "may TRUNCATE on ledger_posting"),
    ("INSERT ON pipeline_deal_read", "ledger_app", "may INSERT on pipeline_deal_read"),
]


@pytest.mark.parametrize(("right", "whom", "said"), GRANTS)
def test_a_right_too_many(sabotage, right, whom, said):
    [(code, message)] = sabotage(f"GRANT {right} TO {whom}", f"REVOKE {right} FROM {whom}")
    assert code == "ledger.E002" and said in message


def test_a_table_nobody_knows(sabotage):
    statement = "CREATE TABLE ledger_backdoor (id int); GRANT ALL ON ledger_backdoor TO ledger_app"
    [(code, message)] = sabotage(statement, "DROP TABLE ledger_backdoor")
    assert code == "ledger.E002" and "ledger_backdoor" in message


def test_a_table_of_the_application_s_own(committed_db):
    with committed_db.superuser() as root, root.cursor() as cursor:
        cursor.execute("ALTER TABLE ledger_outbox OWNER TO ledger_app")
        root.commit()
        assert [code for code, _ in found(committed_db)] == ["ledger.E002", "ledger.E003"]
        cursor.execute("ALTER TABLE ledger_outbox OWNER TO ledger_owner")
        cursor.execute("REVOKE ALL ON ledger_outbox FROM ledger_app")
        cursor.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON ledger_outbox TO ledger_app")
        root.commit()
    assert found(committed_db) == []


def test_without_a_record_there_is_nothing_to_guard(committed_db):
    assert guards_are_in_place(databases=None) == []
    assert connection.alias == "default"
