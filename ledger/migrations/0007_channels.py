"""Channels through which signed heads leave the house, and how each fares."""

from pathlib import Path

from django.db import migrations, models

SQL = Path(__file__).parent / "sql"


class Migration(migrations.Migration):
<<<<<<<< HEAD:ledger/migrations/0007_channels.py
    dependencies = [("ledger", "0006_wording")]
========
    dependencies = [("ledger", "0004_deadlines")]
>>>>>>>> f56b1dd (Test portions, kills and the page of verifications):ledger/migrations/0005_channels.py
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
