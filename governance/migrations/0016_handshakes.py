"""Handshakes under separation of duties. Written by hand; see sql/handshakes.sql."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql" / "handshakes.sql"


class Migration(migrations.Migration):
    dependencies = [("governance", "0015_targets"), ("ledger", "0025_kinds_of_handshakes")]
    operations = [migrations.RunSQL(SQL.read_text(), migrations.RunSQL.noop)]
