"""Finds the open deals of a period, with what a forecast reads of them; an entry that moves none of it leaves it alone."""

from django.db import migrations

INDEX = """
CREATE INDEX pipeline_dealstate_open_by_period ON pipeline_dealstate (period) INCLUDE (deal_id, unit, value_minor)
    WHERE place LIKE 'pipeline/%'
"""


class Migration(migrations.Migration):
    dependencies = [("reporting", "0007_sharing")]
    operations = [migrations.RunSQL(INDEX, "DROP INDEX pipeline_dealstate_open_by_period")]
