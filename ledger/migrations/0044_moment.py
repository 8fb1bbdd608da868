"""A moment of an envelope is read without a call; see sql/moment.sql."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql" / "moment.sql"


class Migration(migrations.Migration):
    dependencies = [("ledger", "0043_kind_of_replanned_handshakes")]
    operations = [migrations.RunSQL(SQL.read_text(), migrations.RunSQL.noop)]
