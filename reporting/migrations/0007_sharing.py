"""Sharing and looks. Written by hand; see sql/sharing.sql."""

from pathlib import Path

from django.db import migrations, models

SQL = Path(__file__).parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("reporting", "0006_billing"), ("governance", "0009_alerts"), ("ledger", "0027_kinds_of_sharing")]
    operations = [
        migrations.RunSQL((SQL / "sharing.sql").read_text(), migrations.RunSQL.noop),
        migrations.CreateModel(
            name="Sharing",
            fields=[
                ("stream", models.TextField(primary_key=True, serialize=False)),
                ("person_id", models.BigIntegerField()),
                ("coach_id", models.BigIntegerField(null=True)),
                ("given_at", models.DateTimeField(null=True)),
                ("noted_at", models.DateTimeField(null=True)),
                ("entry_id", models.BigIntegerField()),
            ],
            options={"db_table": "reporting_sharing", "managed": False},
        ),
        migrations.CreateModel(
            name="Look",
            fields=[
                ("entry_id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("stream", models.TextField()),
                ("person_id", models.BigIntegerField()),
                ("looker_id", models.BigIntegerField()),
                ("purpose", models.TextField()),
                ("about", models.TextField()),
                ("at", models.DateTimeField()),
            ],
            options={"db_table": "reporting_look", "managed": False},
        ),
    ]
