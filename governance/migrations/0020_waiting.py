"""What waits on functions, while by while and summed up by block. Written by hand; see sql/waiting.sql."""

from pathlib import Path

from django.db import migrations, models

SQL = Path(__file__).parent / "sql"
FOUND = """
CREATE INDEX governance_waiting_begun ON governance_waiting (from_entry);
CREATE INDEX governance_waiting_ended ON governance_waiting (until_entry) WHERE until_entry IS NOT NULL;
ANALYZE governance_waiting;
SELECT ledger_guard('governance_waiting', false);
"""


def table(name, db_table, key, fields):
    pk = models.CompositePrimaryKey(*key, blank=True, editable=False, primary_key=True, serialize=False)
    return migrations.CreateModel(name, [("pk", pk), *fields], options={"db_table": db_table, "managed": False})


class Migration(migrations.Migration):
    dependencies = [("governance", "0019_unanswered"), ("pipeline", "0017_stays"), ("ledger", "0040_unanswered")]
    operations = [
        migrations.RunSQL((SQL / "waiting.sql").read_text(), migrations.RunSQL.noop),
        migrations.RunSQL((SQL / "waiting_so_far.sql").read_text(), migrations.RunSQL.noop),
        migrations.RunSQL(FOUND, migrations.RunSQL.noop),
        migrations.RunSQL((SQL / "waiting_totals.sql").read_text(), migrations.RunSQL.noop),
        table(
            "Waiting",
            "governance_waiting",
            ("stream", "function", "from_entry"),
            [
                ("stream", models.TextField()),
                ("function", models.TextField()),
                ("from_entry", models.BigIntegerField()),
                ("deal_id", models.BigIntegerField()),
                ("unit", models.TextField()),
                ("value_minor", models.BigIntegerField()),
                ("from_at", models.DateTimeField()),
                ("until_at", models.DateTimeField(null=True)),
                ("until_entry", models.BigIntegerField(null=True)),
            ],
        ),
        table(
            "WaitingTotal",
            "governance_waiting_total",
            ("level", "number", "function", "unit"),
            [
                ("level", models.SmallIntegerField()),
                ("number", models.BigIntegerField()),
                ("function", models.TextField()),
                ("unit", models.TextField()),
                ("deals", models.BigIntegerField()),
                ("amount", models.BigIntegerField()),
            ],
        ),
        table(
            "DemandTotal",
            "governance_demand_total",
            ("level", "number", "unit", "stage", "month"),
            [
                ("level", models.SmallIntegerField()),
                ("number", models.BigIntegerField()),
                ("unit", models.TextField()),
                ("stage", models.TextField()),
                ("month", models.DateField()),
                ("units", models.BigIntegerField()),
            ],
        ),
    ]
