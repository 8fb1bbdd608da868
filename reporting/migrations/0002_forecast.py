"""Forecasts and pushes, now and at a moment. Written by hand; see sql/forecast.sql."""

from pathlib import Path

from django.db import migrations, models

SQL = Path(__file__).parent / "sql"


class Migration(migrations.Migration):
    dependencies = [
        ("reporting", "0001_revenue"),
        ("governance", "0010_capacity"),
        ("pipeline", "0008_past_by_probe"),
        ("ledger", "0018_kinds_of_forecast"),
    ]
    operations = [
        migrations.RunSQL((SQL / "forecast.sql").read_text(), migrations.RunSQL.noop),
        migrations.RunSQL((SQL / "past_forecast.sql").read_text(), migrations.RunSQL.noop),
        migrations.CreateModel(
            name="Forecast",
            fields=[
                ("entry_id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("stream", models.TextField()),
                ("deal_id", models.BigIntegerField()),
                ("seat_id", models.BigIntegerField()),
                ("kind", models.TextField()),
                ("category", models.TextField()),
                ("ceiling", models.TextField()),
                ("probability", models.DecimalField(decimal_places=4, max_digits=5)),
                ("amount_minor", models.BigIntegerField()),
                ("currency", models.TextField()),
                ("value_minor", models.BigIntegerField(null=True)),
                ("close_on", models.DateField()),
                ("period", models.DateField()),
                ("unit", models.TextField()),
                ("at", models.DateTimeField()),
                ("until_at", models.DateTimeField(null=True)),
            ],
            options={"db_table": "reporting_forecast", "managed": False},
        ),
        migrations.CreateModel(
            name="Push",
            fields=[
                ("entry_id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("stream", models.TextField()),
                ("deal_id", models.BigIntegerField()),
                ("at", models.DateTimeField()),
                ("was_on", models.DateField()),
                ("now_on", models.DateField()),
                ("boundary", models.BooleanField()),
                ("stage", models.TextField()),
            ],
            options={"db_table": "reporting_push", "managed": False},
        ),
    ]
