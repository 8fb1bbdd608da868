"""Alerts, early warnings and holidays in the vocabulary: none of them speaks for a requirement."""

from django.db import migrations

KINDS = {
    "holiday.declared": "unit",
    "holiday.withdrawn": "unit",
    "milestone.warned": "deal",
    **dict.fromkeys(
        (
            "alert.opened",
            "alert.acknowledged",
            "alert.explained",
            "alert.committed",
            "alert.escalated",
            "alert.reopened",
            "alert.closed",
        ),
        "alert",
    ),
}


def write_kinds(apps, editor):
    with editor.connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO ledger_kind (name, effect, status, stream) VALUES (%s, NULL, '', %s) ON CONFLICT DO NOTHING",
            list(KINDS.items()),
        )


class Migration(migrations.Migration):
    dependencies = [("ledger", "0012_totals")]
    operations = [migrations.RunPython(write_kinds, migrations.RunPython.noop)]
