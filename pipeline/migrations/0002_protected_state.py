"""Protected state and the floor of the gate. Written by hand; see the files in sql/."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("pipeline", "0001_initial"), ("ledger", "0002_record")]
    operations = [
        migrations.RunSQL((SQL / name).read_text(), migrations.RunSQL.noop)
        for name in ("state.sql", "deal_floor.sql", "deal_trigger.sql", "organisation_trigger.sql", "read.sql")
    ]
