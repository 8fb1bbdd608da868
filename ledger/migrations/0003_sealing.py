"""Leaves, tiles and signed heads. Written by hand; see sql/sealing.sql."""

from pathlib import Path

from django.db import migrations, models

SQL = Path(__file__).parent / "sql"
KINDS = ("key.announced", "key.retired", "ledger.adopted")


def write_kinds(apps, editor):
    with editor.connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO ledger_kind (name, effect, status, stream) VALUES (%s, NULL, '', 'ledger') ON CONFLICT DO NOTHING",
            [(name,) for name in KINDS],
        )


def unmanaged(name, table, fields):
    return migrations.CreateModel(name=name, fields=fields, options={"db_table": table, "managed": False})


class Migration(migrations.Migration):
    dependencies = [("ledger", "0002_record")]
    operations = [
        unmanaged(
            "Leaf",
            "ledger_leaf",
            [
                ("idx", models.BigIntegerField(primary_key=True, serialize=False)),
                ("entry_id", models.BigIntegerField()),
                ("hash", models.BinaryField()),
            ],
        ),
        unmanaged(
            "Tile",
            "ledger_tile",
            [
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "level", "idx", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("level", models.SmallIntegerField()),
                ("idx", models.BigIntegerField()),
                ("hashes", models.BinaryField()),
                ("root", models.BinaryField()),
            ],
        ),
        unmanaged(
            "Seal",
            "ledger_seal",
            [
                ("size", models.BigIntegerField(primary_key=True, serialize=False)),
                ("root", models.BinaryField()),
                ("last_entry", models.BigIntegerField()),
                ("floor_entry", models.BigIntegerField()),
                ("cluster", models.TextField()),
                ("note", models.TextField()),
                ("at", models.DateTimeField()),
            ],
        ),
        unmanaged(
            "Publication",
            "ledger_publication",
            [
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "channel", "size", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("channel", models.TextField()),
                ("size", models.BigIntegerField()),
                ("at", models.DateTimeField()),
            ],
        ),
        migrations.RunSQL((SQL / "sealing.sql").read_text(), migrations.RunSQL.noop),
        migrations.RunPython(write_kinds, migrations.RunPython.noop),
    ]
