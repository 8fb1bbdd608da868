"""Handshakes that nobody answers, and that nobody asks for any more. Written by hand; see sql/unanswered.sql."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql" / "unanswered.sql"


class Migration(migrations.Migration):
    dependencies = [("governance", "0018_turns"), ("ledger", "0040_unanswered")]
    operations = [migrations.RunSQL(SQL.read_text(), migrations.RunSQL.noop)]
