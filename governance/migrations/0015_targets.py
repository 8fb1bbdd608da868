"""Objectives, targets and their links: tables that only entries write. Written by hand; see sql/targets.sql."""

from pathlib import Path

from django.db import migrations, models

SQL = Path(__file__).parent / "sql"
SPAN = [
    ("period", models.TextField()),
    ("first", models.DateField()),
    ("until", models.DateField()),
    ("unit", models.TextField(null=True)),
]
SET = [
    ("wording", models.UUIDField(null=True)),
    ("set_by", models.BigIntegerField()),
    ("set_at", models.DateTimeField()),
    ("state", models.TextField()),
    ("entry_id", models.BigIntegerField()),
]
HEAD = [
    ("id", models.BigIntegerField(primary_key=True, serialize=False)),
    ("stream", models.TextField()),
    ("version", models.IntegerField()),
]


def unmanaged(name, table, fields):
    return migrations.CreateModel(name=name, fields=fields, options={"db_table": table, "managed": False})


class Migration(migrations.Migration):
    dependencies = [("governance", "0014_plans"), ("ledger", "0024_target_kinds")]
    operations = [
        migrations.RunSQL((SQL / "targets.sql").read_text(), migrations.RunSQL.noop),
        unmanaged("Objective", "governance_objective", [*HEAD, *SPAN, ("owner_seat", models.BigIntegerField()), *SET]),
        unmanaged(
            "Target",
            "governance_target",
            [
                *HEAD,
                ("purpose", models.TextField()),
                ("objective_id", models.BigIntegerField(null=True)),
                ("measure", models.TextField()),
                *SPAN,
                ("base", models.BigIntegerField()),
                ("goal", models.BigIntegerField()),
                ("currency", models.TextField(null=True)),
                *SET,
            ],
        ),
        unmanaged(
            "TargetLink",
            "governance_targetlink",
            [
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "target_id",
                        "deal_id",
                        "milestone",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("stream", models.TextField()),
                ("target_id", models.BigIntegerField()),
                ("deal_id", models.BigIntegerField()),
                ("milestone", models.TextField()),
                ("amount", models.BigIntegerField()),
                ("state", models.TextField()),
                ("entry_id", models.BigIntegerField()),
            ],
        ),
    ]
