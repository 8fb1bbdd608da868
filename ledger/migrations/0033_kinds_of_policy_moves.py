"""Deals under way are moved to a newer policy: what is drafted, signed and ordered, and each deal that moves."""

from django.db import migrations

KINDS = """
INSERT INTO ledger_kind (name, effect, status, stream) VALUES ('move.drafted', NULL, '', 'policy'),
    ('move.signed', NULL, '', 'policy'), ('move.ordered', NULL, '', 'policy'), ('deal.rebound', NULL, '', 'deal')
ON CONFLICT DO NOTHING;
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0032_postings_together")]
    operations = [migrations.RunSQL(KINDS, migrations.RunSQL.noop)]
