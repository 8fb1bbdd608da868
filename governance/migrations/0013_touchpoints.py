"""Touchpoints and the health of accounts, now and at a moment. Written by hand; see sql/touchpoints.sql."""

from pathlib import Path

from django.db import migrations, models

SQL = Path(__file__).parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("governance", "0012_holds"), ("ledger", "0022_kinds_of_touchpoints")]
    operations = [
        migrations.RunSQL((SQL / "touchpoints.sql").read_text(), migrations.RunSQL.noop),
        migrations.RunSQL((SQL / "touchpoints_past.sql").read_text(), migrations.RunSQL.noop),
        migrations.CreateModel(
            name="TouchpointKind",
            fields=[
                ("kind", models.TextField(primary_key=True, serialize=False)),
                ("weight", models.IntegerField()),
                ("function", models.TextField()),
            ],
            options={"db_table": "governance_touchpointkind", "managed": False},
        ),
        migrations.CreateModel(
            name="Touchpoint",
            fields=[
                ("id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("stream", models.TextField()),
                ("account_id", models.BigIntegerField()),
                ("kind", models.TextField()),
                ("weight", models.IntegerField()),
                ("function", models.TextField()),
                ("logged_by", models.BigIntegerField()),
                ("logged_as", models.TextField()),
                ("logged_at", models.DateTimeField()),
                ("settled_by", models.BigIntegerField(null=True)),
                ("settled_at", models.DateTimeField(null=True)),
                ("entry_id", models.BigIntegerField()),
            ],
            options={"db_table": "governance_touchpoint", "managed": False},
        ),
        migrations.CreateModel(
            name="AccountHealth",
            fields=[
                ("account_id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("stream", models.TextField()),
                ("score", models.IntegerField()),
                ("open", models.IntegerField()),
                ("entry_id", models.BigIntegerField()),
            ],
            options={"db_table": "governance_accounthealth", "managed": False},
        ),
    ]
