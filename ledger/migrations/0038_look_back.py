"""Looking back by the blocks; see sql/look_back.sql."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql" / "look_back.sql"


class Migration(migrations.Migration):
    dependencies = [("ledger", "0037_tail")]
    operations = [migrations.RunSQL(SQL.read_text(), migrations.RunSQL.noop)]
