"""Views that show the protected tables as they were known at a moment. Written by hand; see sql/past.sql."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("governance", "0006_erasure"), ("ledger", "0010_past")]
    operations = [migrations.RunSQL((SQL / "past.sql").read_text(), migrations.RunSQL.noop)]
