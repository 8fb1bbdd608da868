"""Holidays of units. Written by hand; see sql/holidays.sql."""

from pathlib import Path

from django.db import migrations, models

SQL = Path(__file__).parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("pipeline", "0006_past"), ("ledger", "0013_alert_kinds")]
    operations = [
        migrations.RunSQL((SQL / "holidays.sql").read_text(), "DROP TABLE pipeline_holiday CASCADE"),
        migrations.RunSQL((SQL / "past_holidays.sql").read_text(), migrations.RunSQL.noop),
        migrations.CreateModel(
            name="Holiday",
            fields=[
                ("id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("unit", models.TextField()),
                ("day", models.DateField()),
                ("name", models.TextField()),
                ("entry_id", models.BigIntegerField()),
            ],
            options={"db_table": "pipeline_holiday", "managed": False},
        ),
    ]
