"""Finds the last promise that was kept in a unit."""

from django.db import migrations

INDEX = """
CREATE INDEX governance_alert_by_kept ON governance_alert (unit, closed_at)
    WHERE closed_at IS NOT NULL AND committed_at > explained_at
"""


class Migration(migrations.Migration):
    dependencies = [("governance", "0021_promises_of_capacity")]
    operations = [migrations.RunSQL(INDEX, migrations.RunSQL.noop)]
