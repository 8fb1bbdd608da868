"""The kind of entry that says a title or description changed."""

from django.db import migrations

WRITE = "INSERT INTO ledger_kind (name, effect, status, stream) VALUES ('wording.changed', NULL, '', 'deal') ON CONFLICT DO NOTHING"


class Migration(migrations.Migration):
    dependencies = [("ledger", "0005_waiver_kinds")]
    operations = [migrations.RunSQL(WRITE, "DELETE FROM ledger_kind WHERE name = 'wording.changed'")]
