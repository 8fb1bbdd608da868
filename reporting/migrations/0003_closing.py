"""The closing of periods and its snapshots. Written by hand; see sql/closing.sql."""

from pathlib import Path

from django.db import migrations, models

SQL = Path(__file__).parent / "sql"


class Migration(migrations.Migration):
    dependencies = [
        ("reporting", "0002_forecast"),
        ("ledger", "0020_periods"),
        ("governance", "0012_holds"),
        ("pipeline", "0010_closed_periods"),
    ]
    operations = [
        migrations.RunSQL((SQL / "closing.sql").read_text(), "DROP TABLE reporting_snapshot CASCADE"),
        migrations.CreateModel(
            name="Snapshot",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "month", "version", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("month", models.DateField()),
                ("version", models.IntegerField()),
                ("figures", models.JSONField()),
                ("sha256", models.TextField()),
                ("tree_size", models.BigIntegerField()),
                ("at", models.DateTimeField()),
                ("entry_id", models.BigIntegerField()),
            ],
            options={"db_table": "reporting_snapshot", "managed": False},
        ),
    ]
