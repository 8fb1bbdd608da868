"""What no handler can take comes back ever less often. Written by hand; see sql/outbox_backoff.sql."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql" / "outbox_backoff.sql"


class Migration(migrations.Migration):
    dependencies = [("ledger", "0010_past")]
    operations = [migrations.RunSQL(SQL.read_text(), migrations.RunSQL.noop)]
