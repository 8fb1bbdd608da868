"""Totals of sealed entries, and sums that read them. Written by hand; see sql/totals.sql and sql/balances.sql."""

from pathlib import Path

from django.db import migrations, models

SQL = Path(__file__).parent / "sql"


def key(*names):
    return (
        "pk",
        models.CompositePrimaryKey(*names, blank=True, editable=False, primary_key=True, serialize=False),
    )


def unmanaged(name, table, fields):
    return migrations.CreateModel(name=name, fields=fields, options={"db_table": table, "managed": False})


class Migration(migrations.Migration):
    dependencies = [("ledger", "0011_outbox_backs_off")]
    operations = [
        unmanaged(
            "Block",
            "ledger_block",
            [
                key("level", "number"),
                ("level", models.SmallIntegerField()),
                ("number", models.BigIntegerField()),
                ("from_idx", models.BigIntegerField()),
                ("to_idx", models.BigIntegerField()),
                ("first_entry", models.BigIntegerField()),
                ("last_entry", models.BigIntegerField()),
                ("earliest", models.DateTimeField()),
                ("latest", models.DateTimeField()),
            ],
        ),
        unmanaged(
            "Total",
            "ledger_total",
            [
                key("level", "number", "book", "place", "period", "unit", "cause", "currency"),
                ("level", models.SmallIntegerField()),
                ("number", models.BigIntegerField()),
                ("book", models.TextField()),
                ("place", models.TextField()),
                ("period", models.DateField()),
                ("unit", models.TextField()),
                ("cause", models.TextField()),
                ("currency", models.TextField()),
                ("amount", models.BigIntegerField()),
                ("postings", models.BigIntegerField()),
            ],
        ),
        migrations.RunSQL((SQL / "totals.sql").read_text(), migrations.RunSQL.noop),
        migrations.RunSQL((SQL / "balances.sql").read_text(), migrations.RunSQL.noop),
    ]
