"""Waivers: the table that only entries write, and its floor. Written by hand; see sql/waivers.sql."""

from pathlib import Path

from django.db import migrations, models

SQL = Path(__file__).parent / "sql" / "waivers.sql"


class Migration(migrations.Migration):
    dependencies = [
        ("governance", "0004_notifications"),
        ("pipeline", "0005_waivers_stand_beside"),
        ("ledger", "0005_waiver_kinds"),
    ]
    operations = [
        migrations.RunSQL(SQL.read_text(), "DROP TABLE governance_waiver CASCADE"),
        migrations.CreateModel(
            name="Waiver",
            fields=[
                ("id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("stream", models.TextField()),
                ("deal_id", models.BigIntegerField()),
                ("key", models.TextField()),
                ("reason", models.TextField()),
                ("unit", models.TextField()),
                ("requester", models.BigIntegerField()),
                ("requester_function", models.TextField()),
                ("requested_at", models.DateTimeField()),
                ("valid_until", models.DateTimeField()),
                ("value_minor", models.BigIntegerField()),
                ("state", models.TextField()),
                ("approver", models.BigIntegerField(null=True)),
                ("approver_function", models.TextField(null=True)),
                ("decided_at", models.DateTimeField(null=True)),
                ("closed_at", models.DateTimeField(null=True)),
                ("entry_id", models.BigIntegerField()),
            ],
            options={"db_table": "governance_waiver", "managed": False},
        ),
    ]
