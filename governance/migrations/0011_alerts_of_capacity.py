"""A forecast over the ceiling is something that an alert may be about."""

from django.db import migrations

SUBJECTS = """
ALTER TABLE governance_alert DROP CONSTRAINT governance_alert_subject_check;
ALTER TABLE governance_alert ADD CONSTRAINT governance_alert_subject_check
    CHECK (subject IN ('milestone', 'function', 'capacity'));
ALTER TABLE governance_alert ADD CONSTRAINT an_alert_of_capacity_names_unit_month_and_forecast CHECK (subject <> 'capacity'
    OR about ~ '^capacity/[^/]+/[0-9]{4}-[0-9]{2}/.+$' AND split_part(about, '/', 2) = unit AND milestone_id IS NULL);
"""


class Migration(migrations.Migration):
    dependencies = [("governance", "0010_capacity")]
    operations = [migrations.RunSQL(SUBJECTS, migrations.RunSQL.noop)]
