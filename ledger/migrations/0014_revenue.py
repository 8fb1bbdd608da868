"""Kinds that move revenue, and the index behind the median of past slips."""

from django.db import migrations

KINDS = ("revenue.scheduled", "variance.recorded")
SLIPS = """
CREATE INDEX ledger_standing_that_came_late ON ledger_standing (key, at DESC)
    WHERE requirement = 'milestone' AND effect = 'met' AND at > first_due_at;
"""


def write_kinds(apps, editor):
    with editor.connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO ledger_kind (name, effect, status, stream) VALUES (%s, NULL, '', 'deal') ON CONFLICT DO NOTHING",
            [(name,) for name in KINDS],
        )


class Migration(migrations.Migration):
    dependencies = [("ledger", "0013_alert_kinds")]
    operations = [
        migrations.RunSQL(SLIPS, "DROP INDEX ledger_standing_that_came_late"),
        migrations.RunPython(write_kinds, migrations.RunPython.noop),
    ]
