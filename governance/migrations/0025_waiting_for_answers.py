"""What waits on functions counts handshakes that wait for an answer; see sql/waiting_for_answers.sql."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql"
SO_FAR = "waiting_for_answers_so_far.sql"
# Nothing of this is done on a record without handshakes. Blocks are summed anew: of the first level from their entries,
# each further one from its parts.
SUMS = """
DELETE FROM governance_waiting_total;
INSERT INTO governance_waiting_total
    SELECT 0, b.number, m.function, m.unit, sum(m.deals), sum(m.amount)
    FROM ledger_block b JOIN ledger_leaf l ON l.idx >= b.from_idx AND l.idx < b.to_idx, governance_waiting_moves(l.entry_id) AS m
    WHERE b.level = 0 GROUP BY 2, 3, 4 HAVING sum(m.deals) <> 0 OR sum(m.amount) <> 0;
DO $$
BEGIN
    FOR above IN 1 .. coalesce((SELECT max(level) FROM ledger_block), 0) LOOP
        INSERT INTO governance_waiting_total
            SELECT b.level, b.number, t.function, t.unit, sum(t.deals), sum(t.amount)
            FROM ledger_block b JOIN governance_waiting_total t ON t.level = above - 1 AND t.number / 4 = b.number
            WHERE b.level = above GROUP BY 1, 2, 3, 4 HAVING sum(t.deals) <> 0 OR sum(t.amount) <> 0;
    END LOOP;
END $$;
"""
TABLES = ("governance_waiting", "governance_waiting_total")


def count_answers(apps, editor):
    with editor.connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM ledger_standing WHERE requirement = 'handshake')")
        if not cursor.fetchone()[0]:
            return
        for table in TABLES:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER never_changes")
        cursor.execute((SQL / SO_FAR).read_text())
        cursor.execute(SUMS)
        for table in TABLES:
            cursor.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER never_changes")


class Migration(migrations.Migration):
    dependencies = [("governance", "0024_closed_alerts"), ("ledger", "0045_look_again")]
    operations = [
        migrations.RunSQL((SQL / "waiting_for_answers.sql").read_text(), migrations.RunSQL.noop),
        migrations.RunPython(count_answers, migrations.RunPython.noop),
    ]
