"""Every table that only entries write can be read as of a moment: by its name, in the schema of the past."""

from django.db import connection

from crm_ledger.verify import state

_COLUMNS = """
SELECT column_name FROM information_schema.columns WHERE table_schema = %s AND table_name = %s
"""
# Beside the state: what the application writes once and shows on pages of deals.
_SHOWN = (
    "ledger_entry",
    "governance_evidence",
    "governance_evidenceopening",
    "governance_notice",
    "pipeline_deal_read",
)


def columns(schema, table):
    with connection.cursor() as cursor:
        cursor.execute(_COLUMNS, [schema, table])
        return {row[0] for row in cursor.fetchall()}


def test_every_state_table_has_a_past(db):
    for table in [*(table.name for table in state.TABLES), *_SHOWN]:
        past = columns("ledger_past", table)
        assert past, f"{table} has no view in ledger_past: add it beside the others (sql/past.sql of its app)"
        assert past == columns("public", table), table


def test_the_past_is_only_read(db):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, privilege_type FROM information_schema.table_privileges"
            " WHERE table_schema = 'ledger_past' AND grantee = 'ledger_app'"
        )
        held = cursor.fetchall()
    assert held and {privilege for _table, privilege in held} == {"SELECT"}
