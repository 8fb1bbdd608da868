"""Channels through which signed heads leave the house, and how each fares."""

from pathlib import Path

from django.db import migrations, models

SQL = Path(__file__).parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("ledger", "0006_wording")]
    operations = [
        migrations.CreateModel(
            name="Channel",
            fields=[
                ("name", models.TextField(primary_key=True, serialize=False)),
                ("pause", models.DurationField()),
                ("active", models.BooleanField()),
                ("fault", models.TextField()),
                ("at", models.DateTimeField()),
            ],
            options={"db_table": "ledger_channel", "managed": False},
        ),
        migrations.RunSQL((SQL / "channels.sql").read_text(), migrations.RunSQL.noop),
    ]
