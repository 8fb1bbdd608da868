"""The product refuses to start on a database whose guards have been tampered with: each sabotage is found by name."""

import re
from pathlib import Path

import pytest
from django.core import checks
from django.db import connection, connections

from crm_ledger.local.prepare import refuse_without_guards
from ledger import checks as checked
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


def test_a_view_as_it_once_was(sabotage, committed_db):
    """What an older migration said is known, and is not what the last one says."""
    view = "ledger_past.ledger_standing"
    was = of(committed_db, f"SELECT pg_get_viewdef('{view}'::regclass)")
    text = (Path(checked.__file__).parent / "migrations" / "sql" / "undoing.sql").read_text()
    (once,) = re.findall(rf"CREATE OR REPLACE VIEW {view} AS[^;]*;", text)
    said = f"the view {view} is not the one of the migrations"
    assert sabotage(once, f"CREATE OR REPLACE VIEW {view} AS {was}") == [("ledger.E005", said)]


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


# What makes a guard hollow, or a reader lied to, and leaves every trigger of the migrations switched on.
HOLLOW = {
    "a guard whose condition never holds": (
        "CREATE OR REPLACE TRIGGER entry_4_keeps_duties_apart BEFORE INSERT ON ledger_entry FOR EACH ROW"
        " WHEN (false) EXECUTE FUNCTION governance_check_duties();"
        " ALTER TABLE ledger_entry ENABLE ALWAYS TRIGGER entry_4_keeps_duties_apart",
        "CREATE OR REPLACE TRIGGER entry_4_keeps_duties_apart BEFORE INSERT ON ledger_entry FOR EACH ROW WHEN (NEW.kind"
        " IN ('milestone.verified', 'milestone.rejected', 'attestation.given', 'approval.given'))"
        " EXECUTE FUNCTION governance_check_duties();"
        " ALTER TABLE ledger_entry ENABLE ALWAYS TRIGGER entry_4_keeps_duties_apart",
        "ledger.E006", "the trigger entry_4_keeps_duties_apart on ledger_entry is not the one of the migrations",
    ),
    "a guard that leaves one kind out": (
        "CREATE OR REPLACE TRIGGER entry_4_keeps_duties_apart BEFORE INSERT ON ledger_entry FOR EACH ROW WHEN (NEW.kind"
        " IN ('milestone.rejected', 'attestation.given', 'approval.given')) EXECUTE FUNCTION governance_check_duties();"
        " ALTER TABLE ledger_entry ENABLE ALWAYS TRIGGER entry_4_keeps_duties_apart",
        "CREATE OR REPLACE TRIGGER entry_4_keeps_duties_apart BEFORE INSERT ON ledger_entry FOR EACH ROW WHEN (NEW.kind"
        " IN ('milestone.verified', 'milestone.rejected', 'attestation.given', 'approval.given'))"
        " EXECUTE FUNCTION governance_check_duties();"
        " ALTER TABLE ledger_entry ENABLE ALWAYS TRIGGER entry_4_keeps_duties_apart",
        "ledger.E006", "the trigger entry_4_keeps_duties_apart on ledger_entry is not the one of the migrations",
    ),
    "a trigger beside the guards": (
        "CREATE TRIGGER entry_0 BEFORE INSERT ON ledger_entry FOR EACH ROW"
        " EXECUTE FUNCTION suppress_redundant_updates_trigger()",
        "DROP TRIGGER entry_0 ON ledger_entry",
        "ledger.E006", "the trigger entry_0 on ledger_entry is not the one of the migrations",
    ),
    "a guard that does what another one does": (
        "CREATE OR REPLACE TRIGGER never_empties BEFORE TRUNCATE ON ledger_seal FOR EACH STATEMENT"
        " EXECUTE FUNCTION ledger_only_by_entry(); ALTER TABLE ledger_seal ENABLE ALWAYS TRIGGER never_empties",
        "CREATE OR REPLACE TRIGGER never_empties BEFORE TRUNCATE ON ledger_seal FOR EACH STATEMENT"
        " EXECUTE FUNCTION ledger_refuse_change(); ALTER TABLE ledger_seal ENABLE ALWAYS TRIGGER never_empties",
        "ledger.E006", "the trigger never_empties on ledger_seal is not the one of the migrations",
    ),
    "a guard whose words change places": (
        "CREATE OR REPLACE TRIGGER waiting_begins AFTER INSERT ON ledger_standing FOR EACH ROW WHEN (NEW.requirement ="
        " 'submitted' AND NEW.status = 'milestone') EXECUTE FUNCTION governance_note_waiting();"
        " ALTER TABLE ledger_standing ENABLE ALWAYS TRIGGER waiting_begins",
        "CREATE OR REPLACE TRIGGER waiting_begins AFTER INSERT ON ledger_standing FOR EACH ROW WHEN (NEW.requirement ="
        " 'milestone' AND NEW.status = 'submitted') EXECUTE FUNCTION governance_note_waiting();"
        " ALTER TABLE ledger_standing ENABLE ALWAYS TRIGGER waiting_begins",
        "ledger.E006", "the trigger waiting_begins on ledger_standing is not the one of the migrations",
    ),
    "a guard that compares otherwise": (
        "CREATE OR REPLACE TRIGGER capacity_moves_by_a_pool BEFORE INSERT ON ledger_posting FOR EACH ROW"
        " WHEN (NEW.book > 'capacity') EXECUTE FUNCTION governance_check_capacity_posting();"
        " ALTER TABLE ledger_posting ENABLE ALWAYS TRIGGER capacity_moves_by_a_pool",
        "CREATE OR REPLACE TRIGGER capacity_moves_by_a_pool BEFORE INSERT ON ledger_posting FOR EACH ROW"
        " WHEN (NEW.book = 'capacity') EXECUTE FUNCTION governance_check_capacity_posting();"
        " ALTER TABLE ledger_posting ENABLE ALWAYS TRIGGER capacity_moves_by_a_pool",
        "ledger.E006", "the trigger capacity_moves_by_a_pool on ledger_posting is not the one of the migrations",
    ),
    "a guard whose and and or are bound otherwise": (
        "CREATE OR REPLACE TRIGGER waiting_moves AFTER UPDATE ON ledger_standing FOR EACH ROW WHEN ((NEW.requirement IN"
        " ('milestone', 'handshake') AND NEW.status IN ('submitted', 'offered')) OR OLD.status IN ('submitted',"
        " 'offered') OR NEW.missed_at IS NOT NULL OR OLD.missed_at IS NOT NULL)"
        " EXECUTE FUNCTION governance_note_waiting(); ALTER TABLE ledger_standing ENABLE ALWAYS TRIGGER waiting_moves",
        "CREATE OR REPLACE TRIGGER waiting_moves AFTER UPDATE ON ledger_standing FOR EACH ROW WHEN (NEW.requirement IN"
        " ('milestone', 'handshake') AND (NEW.status IN ('submitted', 'offered') OR OLD.status IN ('submitted',"
        " 'offered') OR NEW.missed_at IS NOT NULL OR OLD.missed_at IS NOT NULL))"
        " EXECUTE FUNCTION governance_note_waiting(); ALTER TABLE ledger_standing ENABLE ALWAYS TRIGGER waiting_moves",
        "ledger.E006", "the trigger waiting_moves on ledger_standing is not the one of the migrations",
    ),
    "a check that says nothing where something is left out": (
        "ALTER FUNCTION pipeline_check_gate(pipeline_dealstate, jsonb, jsonb, timestamptz) STRICT",
        "ALTER FUNCTION pipeline_check_gate(pipeline_dealstate, jsonb, jsonb, timestamptz) CALLED ON NULL INPUT",
        "ledger.E004", "the function pipeline_check_gate is not the one of the migrations",
    ),
    "a clock that is asked once": (
        "ALTER FUNCTION ledger_now() IMMUTABLE", "ALTER FUNCTION ledger_now() VOLATILE",
        "ledger.E004", "the function ledger_now is not the one of the migrations",
    ),
    "a table that does not survive a crash": (
        "ALTER TABLE ledger_clock SET UNLOGGED", "ALTER TABLE ledger_clock SET LOGGED",
        "ledger.E008", "a table that does not survive a crash: ledger_clock",
    ),
    "a function that looks elsewhere first": (
        "ALTER FUNCTION ledger_now() SET search_path = pg_temp, public",
        "ALTER FUNCTION ledger_now() SET search_path = public, pg_temp",
        "ledger.E004", "the function ledger_now is not the one of the migrations",
    ),
    "a function that acts with the caller's rights": (
        "ALTER FUNCTION ledger_lock(text) SECURITY INVOKER", "ALTER FUNCTION ledger_lock(text) SECURITY DEFINER",
        "ledger.E004", "the function ledger_lock is not the one of the migrations",
    ),
    "a function of another name": (
        "CREATE FUNCTION lower_sums(bigint) RETURNS bigint LANGUAGE sql AS 'SELECT $1 / 2'",
        "DROP FUNCTION lower_sums(bigint)",
        "ledger.E004", "the function lower_sums is not the one of the migrations",
    ),
    "rows that a policy hides": (
        "ALTER TABLE ledger_posting ENABLE ROW LEVEL SECURITY", "ALTER TABLE ledger_posting DISABLE ROW LEVEL SECURITY",
        "ledger.E008", "row security that no migration wrote: ledger_posting",
    ),
    "a rule in place of an insert": (
        "CREATE RULE swallowed AS ON INSERT TO ledger_outbox DO INSTEAD NOTHING",
        "DROP RULE swallowed ON ledger_outbox",
        "ledger.E008", "a rule that no migration wrote: ledger_outbox swallowed",
    ),
    "a table whose rows appear in another": (
        "CREATE TABLE more () INHERITS (ledger_posting)", "DROP TABLE more",
        "ledger.E008", "a table below that no migration wrote: more",
    ),
    "a foreign key that is not enforced": (
        "ALTER TABLE governance_evidenceopening ALTER CONSTRAINT {foreign} NOT ENFORCED",
        "ALTER TABLE governance_evidenceopening ALTER CONSTRAINT {foreign} ENFORCED",
        "ledger.E008", "a constraint that is not enforced: governance_evidenceopening {foreign}",
    ),
    "a schema of one's own": (
        "CREATE SCHEMA elsewhere", "DROP SCHEMA elsewhere",
        "ledger.E008", "a schema that no migration wrote: elsewhere",
    ),
    "a constraint that is gone": (
        "ALTER TABLE ledger_block DROP CONSTRAINT a_block_covers_leaves",
        "ALTER TABLE ledger_block ADD CONSTRAINT a_block_covers_leaves CHECK (from_idx < to_idx)",
        "ledger.E007", "the constraint a_block_covers_leaves is gone",
    ),
    "an index that lets two of the same in": (
        "DROP INDEX a_deal_follows_a_hold_once; CREATE INDEX a_deal_follows_a_hold_once ON governance_hold"
        " (of_hold, deal_id) WHERE released_at IS NULL",
        "DROP INDEX a_deal_follows_a_hold_once; CREATE UNIQUE INDEX a_deal_follows_a_hold_once ON governance_hold"
        " (of_hold, deal_id) WHERE released_at IS NULL",
        "ledger.E007", "the constraint a_deal_follows_a_hold_once is gone",
    ),
    "a clock that was set back": (
        "UPDATE ledger_clock SET ahead = '-1 hour'", "UPDATE ledger_clock SET ahead = '0'",
        "ledger.E010", "the clock of the record runs -1 day, 23:00:00 ahead, and only a demo may move it",
    ),
    "a kind that means something else": (
        "UPDATE ledger_kind SET effect = 'met' WHERE name = 'milestone.submitted'",
        "UPDATE ledger_kind SET effect = 'unmet' WHERE name = 'milestone.submitted'",
        "ledger.E009", "the kind milestone.submitted is not the one of the product",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", HOLLOW)
def test_a_guard_made_hollow(sabotage, committed_db, name):
    statement, mend, code, said = HOLLOW[name]
    foreign = of(committed_db, "SELECT min(conname) FROM pg_constraint WHERE contype = 'f' AND conrelid ="
                 " 'governance_evidenceopening'::regclass")  # fmt: skip
    statement, mend, said = (text.replace("{foreign}", foreign or "") for text in (statement, mend, said))
    assert (code, said) in sabotage(statement, mend)


def test_a_role_that_reads_elsewhere_first(committed_db):
    with committed_db.superuser() as root, root.cursor() as cursor:
        cursor.execute("SELECT current_database()")
        where = f'ALTER ROLE ledger_app IN DATABASE "{cursor.fetchone()[0]}"'
        cursor.execute(f"{where} SET search_path = elsewhere, public")
        root.commit()
        try:
            said = "a setting of a role that no migration wrote: ledger_app search_path=elsewhere, public"
            assert found(committed_db) == [("ledger.E008", said)]
        finally:
            cursor.execute(f"{where} RESET search_path")
            root.commit()
    assert found(committed_db) == []


# By the catalogue itself, which leaves every trigger, text and name as it was.
EDITED = {
    "triggers that are not looked for": (
        "UPDATE pg_class SET relhastriggers = {} WHERE oid = 'ledger_entry'::regclass", "false", "true",
        "ledger.E008", "guards that are not looked for: ledger_entry",
    ),
    "conditions that are not looked for": (
        "UPDATE pg_class SET relchecks = {} WHERE oid = 'ledger_block'::regclass", "0",
        "(SELECT count(*) FROM pg_constraint WHERE conrelid = 'ledger_block'::regclass AND contype = 'c')",
        "ledger.E008", "guards that are not looked for: ledger_block",
    ),
    "an index that is not kept": (
        "UPDATE pg_index SET indisready = {} WHERE indexrelid = 'a_stream_has_one_entry_at_each_place'::regclass",
        "false", "true", "ledger.E008", "an index that is not kept: a_stream_has_one_entry_at_each_place",
    ),
    "arguments that change names": (
        "UPDATE pg_proc SET proargnames = '{{{}}}' WHERE proname = 'pipeline_holds_function'",
        "person,in_unit,wanted,at", "person,wanted,in_unit,at",
        "ledger.E004", "the function pipeline_holds_function is not the one of the migrations",
    ),
    "a function that is said to be of an extension": (
        "ALTER EXTENSION plpgsql {} FUNCTION pipeline_move_deal();"
        " UPDATE pg_proc SET prosrc = regexp_replace(prosrc, '^( )?', CASE WHEN prosrc ~ '^ ' THEN '' ELSE ' ' END)"
        " WHERE proname = 'pipeline_move_deal'", "ADD", "DROP",
        "ledger.E004", "the function pipeline_move_deal is not the one of the migrations",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", EDITED)
def test_a_catalogue_that_was_edited(committed_db, name):
    statement, wrong, right, code, said = EDITED[name]
    with committed_db.superuser() as root, root.cursor() as cursor:
        cursor.execute("SET allow_system_table_mods = on")
        cursor.execute(statement.format(wrong))
        root.commit()
        named = found(committed_db)
        cursor.execute(statement.format(right))
        root.commit()
    assert named == [(code, said)]
    assert found(committed_db) == []


def test_a_body_behind_the_body(committed_db):
    """A body that PostgreSQL has parsed already is what it runs, whatever the text beside it says."""
    with committed_db.superuser() as root, root.cursor() as cursor:
        cursor.execute("SET allow_system_table_mods = on")
        cursor.execute("CREATE FUNCTION other(facts jsonb, after jsonb) RETURNS boolean LANGUAGE sql RETURN false")
        cursor.execute("UPDATE pg_proc SET prosqlbody = (SELECT prosqlbody FROM pg_proc WHERE proname = 'other')"
                       " WHERE proname = 'pipeline_is_stale'")  # fmt: skip
        cursor.execute("DROP FUNCTION other(jsonb, jsonb)")
        root.commit()
        named = found(committed_db)
        cursor.execute("UPDATE pg_proc SET prosqlbody = NULL WHERE proname = 'pipeline_is_stale'")
        root.commit()
    assert named == [("ledger.E004", "the function pipeline_is_stale is not the one of the migrations")]
