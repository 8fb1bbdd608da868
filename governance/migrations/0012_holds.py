"""Holds of deals and accounts, now and at a moment. Written by hand; see sql/holds.sql."""

from pathlib import Path

from django.db import migrations, models

SQL = Path(__file__).parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("governance", "0011_alerts_of_capacity"), ("ledger", "0019_kinds_of_holds")]
    operations = [
        migrations.RunSQL((SQL / "holds.sql").read_text(), migrations.RunSQL.noop),
        migrations.RunSQL((SQL / "holds_past.sql").read_text(), migrations.RunSQL.noop),
        migrations.CreateModel(
            name="Hold",
            fields=[
                ("id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("stream", models.TextField()),
                ("deal_id", models.BigIntegerField(null=True)),
                ("account_id", models.BigIntegerField(null=True)),
                ("key", models.TextField()),
                ("function", models.TextField()),
                ("reason", models.TextField()),
                ("placed_by", models.BigIntegerField()),
                ("placed_at", models.DateTimeField()),
                ("of_hold", models.BigIntegerField(null=True)),
                ("released_by", models.BigIntegerField(null=True)),
                ("released_at", models.DateTimeField(null=True)),
                ("entry_id", models.BigIntegerField()),
            ],
            options={"db_table": "governance_hold", "managed": False},
        ),
    ]
