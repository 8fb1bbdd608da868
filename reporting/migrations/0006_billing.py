"""Invoices, credit notes and payments. Written by hand; see sql/billing.sql."""

from pathlib import Path

from django.db import migrations, models

SQL = Path(__file__).parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("reporting", "0005_integrity"), ("ledger", "0026_kinds_of_billing")]
    operations = [
        migrations.RunSQL((SQL / "billing.sql").read_text(), migrations.RunSQL.noop),
        migrations.CreateModel(
            name="Billing",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "sort", "number", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("sort", models.TextField()),
                ("number", models.TextField()),
                ("stream", models.TextField()),
                ("deal_id", models.BigIntegerField()),
                ("day", models.DateField()),
                ("amount_minor", models.BigIntegerField()),
                ("currency", models.TextField()),
                ("value_minor", models.BigIntegerField()),
                ("recorded_at", models.DateTimeField()),
                ("entry_id", models.BigIntegerField()),
            ],
            options={"db_table": "reporting_billing", "managed": False},
        ),
    ]
