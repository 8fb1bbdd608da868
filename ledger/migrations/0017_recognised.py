"""The kind that recognises revenue as months pass."""

from django.db import migrations

KIND = """
INSERT INTO ledger_kind (name, effect, status, stream) VALUES ('revenue.recognised', NULL, '', 'deal')
    ON CONFLICT DO NOTHING;
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0016_taken_out")]
    operations = [migrations.RunSQL(KIND, migrations.RunSQL.noop)]
