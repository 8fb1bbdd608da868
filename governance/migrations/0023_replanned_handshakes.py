"""Another day for a handshake. Written by hand; see sql/replanned_handshakes.sql."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql" / "replanned_handshakes.sql"


class Migration(migrations.Migration):
    dependencies = [("governance", "0022_kept_promises"), ("ledger", "0043_kind_of_replanned_handshakes")]
    operations = [migrations.RunSQL(SQL.read_text(), migrations.RunSQL.noop)]
