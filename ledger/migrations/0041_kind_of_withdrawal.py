"""A move of deals to a newer policy can be withdrawn before it is done."""

from django.db import migrations

KIND = """
INSERT INTO ledger_kind (name, effect, status, stream) VALUES ('move.withdrawn', NULL, '', 'policy')
ON CONFLICT DO NOTHING;
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0040_unanswered")]
    operations = [migrations.RunSQL(KIND, migrations.RunSQL.noop)]
