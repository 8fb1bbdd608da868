"""The product refuses to start on a database whose guards have been tampered with: each sabotage is found by name."""

import pytest
from django.core import checks
from django.db import connection, connections

from crm_ledger.local.prepare import refuse_without_guards
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


def test_the_product_does_not_start_on_it(sabotage):
    refuse_without_guards()
    sabotage(
        "ALTER TABLE ledger_entry DISABLE TRIGGER never_changes",
        "ALTER TABLE ledger_entry ENABLE ALWAYS TRIGGER never_changes",
    )
    with pytest.raises(SystemExit, match="the guard never_changes on ledger_entry is missing or switched off"):
        refuse_without_guards()


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


def of(committed_db, question):
    with committed_db.owner() as owner, owner.cursor() as cursor:
        cursor.execute(question)
        return cursor.fetchone()[0]


def test_a_clock_of_the_past_that_goes_wrong(sabotage, committed_db):
    was = of(committed_db, "SELECT pg_get_functiondef('ledger_past.ledger_now'::regproc)")
    wrong = (
        "CREATE OR REPLACE FUNCTION ledger_past.ledger_now() RETURNS timestamptz LANGUAGE sql STABLE AS"
        " $$ SELECT current_setting('ledger.as_of')::timestamptz - interval '1 day' $$"
    )
    said = "the function ledger_past.ledger_now is not the one of the migrations"
    assert sabotage(wrong, was) == [("ledger.E004", said)]


VIEWS = ["pipeline_deal_read", "ledger_past.ledger_posting", "ledger_past.pipeline_dealstate"]


@pytest.mark.parametrize("view", VIEWS)
def test_a_view_that_leaves_something_out(sabotage, committed_db, view):
    was = of(committed_db, f"SELECT pg_get_viewdef('{view}'::regclass)")
    name = "amount" if view.endswith("posting") else "amount_minor"
    lying = f"CREATE OR REPLACE VIEW {view} AS SELECT * FROM ({was.rstrip(';')}) AS told WHERE {name} < 1000000"
    said = f"the view {view} is not the one of the migrations"
    assert sabotage(lying, f"CREATE OR REPLACE VIEW {view} AS {was}") == [("ledger.E005", said)]


def test_a_view_that_nobody_knows(sabotage):
    statement = "CREATE VIEW ledger_past.pipeline_deal AS SELECT * FROM public.pipeline_deal WHERE id > 0"
    said = "the view ledger_past.pipeline_deal is not the one of the migrations"
    assert sabotage(statement, "DROP VIEW ledger_past.pipeline_deal") == [("ledger.E005", said)]


def test_a_view_that_is_gone(sabotage, committed_db):
    was = of(committed_db, "SELECT pg_get_viewdef('ledger_past.ledger_posting'::regclass)")
    mend = f"CREATE VIEW ledger_past.ledger_posting AS {was}; GRANT SELECT ON ledger_past.ledger_posting TO ledger_app"
    said = "the view ledger_past.ledger_posting is not the one of the migrations"
    assert sabotage("DROP VIEW ledger_past.ledger_posting", mend) == [("ledger.E005", said)]


GRANTS = [
    ("UPDATE ON pipeline_dealstate", "ledger_app", "may UPDATE on pipeline_dealstate"),
    ("UPDATE (stage) ON pipeline_dealstate", "ledger_app", "may UPDATE (stage) on pipeline_dealstate"),
    ("INSERT (hash) ON ledger_entry", "ledger_app", "may INSERT (hash) on ledger_entry"),
    ("DELETE ON ledger_entry", "PUBLIC", "may DELETE on ledger_entry"),
    ("TRUNCATE ON ledger_posting", "ledger_app", "may TRUNCATE on ledger_posting"),
    ("INSERT ON pipeline_deal_read", "ledger_app", "may INSERT on pipeline_deal_read"),
    ("UPDATE ON ledger_past.ledger_posting", "ledger_app", "may UPDATE on ledger_past.ledger_posting"),
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
