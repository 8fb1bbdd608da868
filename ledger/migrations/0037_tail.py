"""What stands behind a seal, for who remembers what stands under it; see sql/tail.sql."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql" / "tail.sql"
BACK = """
DROP FUNCTION ledger_tail(bigint, bigint, xid8, bigint, bigint, timestamptz);
DROP FUNCTION ledger_touched(bigint, bigint, xid8, bigint, bigint);
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0036_same_text")]
    operations = [migrations.RunSQL(SQL.read_text(), BACK)]
