"""What an attempt says of a person can be erased. Written by hand; see sql/attempts.sql."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql" / "attempts.sql"


class Migration(migrations.Migration):
    dependencies = [("governance", "0007_past")]
    operations = [migrations.RunSQL(SQL.read_text(), migrations.RunSQL.noop)]
