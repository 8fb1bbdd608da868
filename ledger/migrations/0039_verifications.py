"""Finds what was verified in a period, for how long functions take, without reading the entries between."""

from django.db import migrations

INDEX = """
CREATE INDEX ledger_entry_of_a_verification ON ledger_entry (recorded_at) INCLUDE (stream, id, seq)
    WHERE kind = 'milestone.verified'
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0038_look_back")]
    operations = [migrations.RunSQL(INDEX, "DROP INDEX ledger_entry_of_a_verification")]
