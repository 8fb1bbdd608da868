"""Periods, and what a closed one refuses. Written by hand; see sql/periods.sql."""

from pathlib import Path

from django.db import migrations, models

SQL = Path(__file__).parent / "sql"
KINDS = ("period.prepared", "period.signed", "period.closed", "restatement.signed", "period.restated")


def write_kinds(apps, editor):
    with editor.connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO ledger_kind (name, effect, status, stream) VALUES (%s, NULL, '', 'period') ON CONFLICT DO NOTHING",
            [(name,) for name in KINDS],
        )


class Migration(migrations.Migration):
    dependencies = [("ledger", "0019_kinds_of_holds")]
    operations = [
        migrations.RunSQL((SQL / "periods.sql").read_text(), migrations.RunSQL.noop),
        migrations.RunPython(write_kinds, migrations.RunPython.noop),
        migrations.AddField("Posting", "relates_to", models.DateField(null=True)),
        migrations.CreateModel(
            name="Period",
            fields=[
                ("month", models.DateField(primary_key=True, serialize=False)),
                ("stream", models.TextField()),
                ("state", models.TextField()),
                ("prepared_by", models.BigIntegerField()),
                ("prepared_at", models.DateTimeField()),
                ("figures", models.TextField()),
                ("signatures", models.JSONField()),
                ("closed_by", models.BigIntegerField(null=True)),
                ("closed_at", models.DateTimeField(null=True)),
                ("version", models.IntegerField()),
                ("restated_figures", models.TextField(null=True)),
                ("restating", models.JSONField()),
                ("entry_id", models.BigIntegerField()),
            ],
            options={"db_table": "ledger_period", "managed": False},
        ),
    ]
