"""Looking back at a moment again; see sql/look_again.sql."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql" / "look_again.sql"
BACK = "DROP FUNCTION ledger_look_again(timestamptz, bigint, bytea, bigint, bytea, bigint, bigint)"


class Migration(migrations.Migration):
    dependencies = [("ledger", "0044_moment")]
    operations = [migrations.RunSQL(SQL.read_text(), BACK)]
