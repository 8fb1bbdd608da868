"""Breaks between promise, plan and books, and alerts about them. Written by hand; see sql/breaks.sql."""

from pathlib import Path

from django.db import migrations, models

SQL = Path(__file__).parent / "sql" / "breaks.sql"


class Migration(migrations.Migration):
    dependencies = [("governance", "0016_handshakes"), ("ledger", "0031_kinds_of_breaks")]
    operations = [
        migrations.RunSQL(SQL.read_text(), migrations.RunSQL.noop),
        migrations.CreateModel(
            name="Break",
            fields=[
                ("id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("stream", models.TextField()),
                ("deal_id", models.BigIntegerField()),
                ("unit", models.TextField()),
                ("sort", models.TextField()),
                ("function", models.TextField()),
                ("month", models.DateField()),
                ("amount_minor", models.BigIntegerField()),
                ("currency", models.TextField()),
                ("facts", models.JSONField()),
                ("found_at", models.DateTimeField()),
                ("at", models.DateTimeField()),
                ("cleared_at", models.DateTimeField(null=True)),
                ("entry_id", models.BigIntegerField()),
            ],
            options={"db_table": "governance_break", "managed": False},
        ),
    ]
