"""Every table that only entries write can be made anew from the record: crm_ledger/verify/state.py knows them all."""

from django.db import connection

from crm_ledger.verify import state

# Guarded tables that a trigger of an entry writes: their guard lets a write through at the depth of a trigger.
_WRITTEN_BY_ENTRIES = """
SELECT c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid
WHERE t.tgname = 'never_changes' AND p.prosrc ~ 'pg_trigger_depth' ORDER BY 1
"""
_COLUMNS = """
SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped AND attidentity = ''
    AND attgenerated = ''
"""


def test_every_state_table_is_rebuilt(db):
    with connection.cursor() as cursor:
        cursor.execute(_WRITTEN_BY_ENTRIES)
        protected = {row[0] for row in cursor.fetchall()}
    known = {table.name for table in state.TABLES}
    assert protected - known == set(), "add them to TABLES in crm_ledger/verify/state.py, with a function in derive.py"
    assert known - protected == set(), "these are not written by entries alone"


def test_every_column_of_a_state_table_is_rebuilt(db):
    """But numbers that the database hands out, which no entry names, and what it computes from other columns."""
    with connection.cursor() as cursor:
        for table in state.TABLES:
            cursor.execute(_COLUMNS, [table.name])
            assert {row[0] for row in cursor.fetchall()} == set(table.all), table.name


def test_a_table_has_one_source():
    for table in state.TABLES:
        sources = [table.of_stream, table.of_record, table.of_entry]
        assert sum(source is not None for source in sources) == 1, table.name
