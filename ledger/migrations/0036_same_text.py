"""Free texts are compared folded, by the door and by the index alike. Written by hand; see sql/same_text.sql."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql" / "same_text.sql"


class Migration(migrations.Migration):
    dependencies = [("ledger", "0035_known")]
    operations = [migrations.RunSQL(SQL.read_text(), migrations.RunSQL.noop)]
