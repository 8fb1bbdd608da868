"""Alerts: the table that only entries write, and its floor. Written by hand; see sql/alerts.sql."""

from pathlib import Path

from django.db import migrations, models

SQL = Path(__file__).parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("governance", "0008_attempts_stay"), ("pipeline", "0007_holidays"), ("ledger", "0013_alert_kinds")]
    operations = [
        migrations.RunSQL((SQL / "alerts.sql").read_text(), "DROP TABLE governance_alert CASCADE"),
        migrations.RunSQL((SQL / "past_alerts.sql").read_text(), migrations.RunSQL.noop),
        migrations.CreateModel(
            name="Alert",
            fields=[
                ("id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("stream", models.TextField()),
                ("about", models.TextField()),
                ("subject", models.TextField()),
                ("milestone_id", models.BigIntegerField(null=True)),
                ("deal_id", models.BigIntegerField(null=True)),
                ("key", models.TextField()),
                ("function", models.TextField()),
                ("unit", models.TextField()),
                ("owner_seat", models.BigIntegerField(null=True)),
                ("counterpart", models.TextField()),
                ("missed_at", models.DateTimeField()),
                ("opened_at", models.DateTimeField()),
                ("due_at", models.DateTimeField()),
                ("severity", models.TextField()),
                ("warned_at", models.DateTimeField(null=True)),
                ("stake", models.JSONField()),
                ("stake_minor", models.BigIntegerField()),
                ("currency", models.TextField(null=True)),
                ("state", models.TextField()),
                ("rung", models.SmallIntegerField()),
                ("rung_at", models.DateTimeField()),
                ("next_at", models.DateTimeField(null=True)),
                ("cause", models.TextField(null=True)),
                ("promised_on", models.DateField(null=True)),
                ("acknowledged_by", models.BigIntegerField(null=True)),
                ("acknowledged_at", models.DateTimeField(null=True)),
                ("explained_by", models.BigIntegerField(null=True)),
                ("explained_at", models.DateTimeField(null=True)),
                ("committed_by", models.BigIntegerField(null=True)),
                ("committed_at", models.DateTimeField(null=True)),
                ("closed_by", models.BigIntegerField(null=True)),
                ("closed_at", models.DateTimeField(null=True)),
                ("entry_id", models.BigIntegerField()),
            ],
            options={"db_table": "governance_alert", "managed": False},
        ),
    ]
