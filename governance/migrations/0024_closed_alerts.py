"""Finds the alerts that were closed last."""

from django.db import migrations

INDEX = "CREATE INDEX governance_alert_by_closing ON governance_alert (closed_at, id) WHERE closed_at IS NOT NULL"


class Migration(migrations.Migration):
    dependencies = [("governance", "0023_replanned_handshakes")]
    operations = [migrations.RunSQL(INDEX, migrations.RunSQL.noop)]
