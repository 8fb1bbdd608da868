"""Waivers in the vocabulary."""

from django.db import migrations

KINDS = {
    "waiver.requested": (None, ""),
    "waiver.refused": (None, ""),
    "waiver.granted": ("waived", "granted"),
    "waiver.repaid": ("met", "repaid"),
    "waiver.ended": ("unmet", "ended"),
}


def write_kinds(apps, editor):
    with editor.connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO ledger_kind (name, effect, status, stream) VALUES (%s, %s, %s, 'deal') ON CONFLICT DO NOTHING",
            [(name, *meaning) for name, meaning in KINDS.items()],
        )


class Migration(migrations.Migration):
    dependencies = [("ledger", "0004_deadlines")]
    operations = [migrations.RunPython(write_kinds, migrations.RunPython.noop)]
