"""Finds the deals whose revenue can stand otherwise than agreed; see reporting/queries/variance.py.

The bytes are `"causes":[]`: canonical JSON, in which no text can hold them unescaped.
"""

from django.db import migrations

INDEX = """
CREATE INDEX ledger_entry_of_variance ON ledger_entry (recorded_at) INCLUDE (stream, id)
    WHERE kind = 'variance.recorded'
        OR kind = 'revenue.scheduled' AND position('\\x22636175736573223a5b5d'::bytea IN envelope) = 0
"""


class Migration(migrations.Migration):
    dependencies = [("reporting", "0012_breaks_at_close")]
    operations = [migrations.RunSQL(INDEX, "DROP INDEX ledger_entry_of_variance")]
