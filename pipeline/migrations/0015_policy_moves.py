"""Deals under way may be moved to a newer policy: sql/policy_moves.sql, and what asks it or shows it as of a moment."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("pipeline", "0014_deals_begin_together"), ("ledger", "0033_kinds_of_policy_moves")]
    operations = [
        migrations.RunSQL((SQL / name).read_text(), migrations.RunSQL.noop)
        for name in ("policy_moves.sql", "deal_trigger.sql", "past_by_probe.sql")
    ]
