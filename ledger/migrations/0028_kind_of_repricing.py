"""An open deal that a new rate gives another value."""

from django.db import migrations

KIND = """
INSERT INTO ledger_kind (name, effect, status, stream) VALUES ('deal.repriced', NULL, '', 'deal') ON CONFLICT DO NOTHING;
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0027_kinds_of_sharing")]
    operations = [migrations.RunSQL(KIND, migrations.RunSQL.noop)]
