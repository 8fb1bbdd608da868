"""What evidence says may be erased, its hash may not. Written by hand; see sql/erasure.sql."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql" / "erasure.sql"


class Migration(migrations.Migration):
    dependencies = [("governance", "0005_waivers"), ("ledger", "0009_erasure")]
    operations = [migrations.RunSQL(SQL.read_text(), migrations.RunSQL.noop)]
