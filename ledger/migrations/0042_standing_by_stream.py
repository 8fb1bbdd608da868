"""What was known of a stream is folded once for all its keys; see sql/standing_by_stream.sql."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql" / "standing_by_stream.sql"


class Migration(migrations.Migration):
    dependencies = [("ledger", "0041_kind_of_withdrawal")]
    operations = [migrations.RunSQL(SQL.read_text(), migrations.RunSQL.noop)]
