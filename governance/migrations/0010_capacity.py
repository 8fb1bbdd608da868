"""Pools, expansions and reservations, now and at a moment. Written by hand; see sql/capacity.sql."""

from pathlib import Path

from django.db import migrations, models

SQL = Path(__file__).parent / "sql"


def unmanaged(name, table, fields):
    return migrations.CreateModel(name=name, fields=fields, options={"db_table": table, "managed": False})


def unit():
    return models.ForeignKey(
        db_column="unit", on_delete=models.deletion.DO_NOTHING, related_name="+", to="pipeline.unit"
    )


class Migration(migrations.Migration):
    dependencies = [
        ("governance", "0009_alerts"),
        ("pipeline", "0005_waivers_stand_beside"),
        ("ledger", "0015_kinds_of_capacity"),
    ]
    operations = [
        migrations.RunSQL((SQL / "capacity.sql").read_text(), migrations.RunSQL.noop),
        migrations.RunSQL((SQL / "capacity_past.sql").read_text(), migrations.RunSQL.noop),
        unmanaged(
            "CapacityMonth",
            "governance_capacitymonth",
            [
                ("id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("stream", models.TextField(unique=True)),
                ("unit", unit()),
                ("month", models.DateField()),
                ("base", models.BigIntegerField()),
                ("expanded", models.BigIntegerField()),
                ("ceiling", models.DecimalField(decimal_places=4, max_digits=6)),
                ("promised", models.BigIntegerField()),
                ("soft", models.BigIntegerField()),
                ("confirmed", models.BigIntegerField()),
                ("entry_id", models.BigIntegerField()),
            ],
        ),
        unmanaged(
            "Reservation",
            "governance_reservation",
            [
                ("id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("deal_id", models.BigIntegerField()),
                ("unit", unit()),
                ("month", models.DateField()),
                ("units", models.BigIntegerField()),
                ("state", models.TextField()),
                ("entry_id", models.BigIntegerField()),
            ],
        ),
        unmanaged(
            "Expansion",
            "governance_expansion",
            [
                ("id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("unit", unit()),
                ("units", models.BigIntegerField()),
                ("ordered_on", models.DateField()),
                ("lead_days", models.IntegerField()),
                ("counts_from", models.DateField()),
                ("state", models.TextField()),
                ("ordered_by", models.BigIntegerField()),
                ("ordered_at", models.DateTimeField()),
                ("verified_by", models.BigIntegerField(null=True)),
                ("verified_at", models.DateTimeField(null=True)),
                ("entry_id", models.BigIntegerField()),
            ],
        ),
    ]
