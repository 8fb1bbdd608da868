"""Visits of stages, locked forecasts and calls, now and at a moment. Written by hand; see sql/."""

from pathlib import Path

from django.db import migrations, models

SQL = Path(__file__).parent / "sql"


class Migration(migrations.Migration):
    dependencies = [
        ("reporting", "0003_closing"),
        ("pipeline", "0008_past_by_probe"),
        ("ledger", "0023_kinds_of_snapshots"),
    ]
    operations = [
        migrations.RunSQL((SQL / "passages.sql").read_text(), migrations.RunSQL.noop),
        migrations.RunSQL((SQL / "locks.sql").read_text(), migrations.RunSQL.noop),
        migrations.RunSQL((SQL / "past_passages.sql").read_text(), migrations.RunSQL.noop),
        migrations.CreateModel(
            name="Passage",
            fields=[
                ("entry_id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("stream", models.TextField()),
                ("deal_id", models.BigIntegerField()),
                ("stage", models.TextField()),
                ("unit", models.TextField()),
                ("close_on", models.DateField(null=True)),
                ("entered_at", models.DateTimeField()),
                ("left_at", models.DateTimeField(null=True)),
                ("to_stage", models.TextField(null=True)),
                ("left_entry", models.BigIntegerField(null=True)),
            ],
            options={"db_table": "reporting_passage", "managed": False},
        ),
        migrations.CreateModel(
            name="Lock",
            fields=[
                ("entry_id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("stream", models.TextField()),
                ("horizon", models.IntegerField()),
                ("period", models.DateField()),
                ("taken_of", models.DateTimeField()),
                ("deals", models.BigIntegerField()),
                ("digest", models.TextField()),
                ("sums", models.JSONField()),
            ],
            options={"db_table": "reporting_lock", "managed": False},
        ),
        migrations.CreateModel(
            name="Call",
            fields=[
                ("entry_id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("stream", models.TextField()),
                ("period", models.DateField()),
                ("unit", models.TextField()),
                ("seat_id", models.BigIntegerField()),
                ("week", models.DateField()),
                ("commit_minor", models.BigIntegerField()),
                ("best_case_minor", models.BigIntegerField()),
                ("rolled_up", models.JSONField()),
                ("at", models.DateTimeField()),
            ],
            options={"db_table": "reporting_call", "managed": False},
        ),
    ]
