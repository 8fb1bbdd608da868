"""The state of revenue by deal. Written by hand; see sql/revenue.sql."""

from pathlib import Path

from django.db import migrations, models

SQL = Path(__file__).parent / "sql"


class Migration(migrations.Migration):
    initial = True
    dependencies = [("ledger", "0017_recognised"), ("pipeline", "0008_past_by_probe"), ("governance", "0010_capacity")]
    operations = [
        migrations.RunSQL((SQL / "revenue.sql").read_text(), migrations.RunSQL.noop),
        migrations.CreateModel(
            name="Revenue",
            fields=[
                ("stream", models.TextField(primary_key=True, serialize=False)),
                ("deal_id", models.BigIntegerField(unique=True)),
                ("state", models.TextField()),
                ("through", models.DateField(null=True)),
                ("look_on", models.DateField(null=True)),
                ("agreed_id", models.BigIntegerField()),
                ("entry_id", models.BigIntegerField()),
            ],
            options={"db_table": "reporting_revenue", "managed": False},
        ),
    ]
