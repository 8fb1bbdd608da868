"""A move is withdrawn by who drafted or signed it; then it moves no more deals: sql/policy_moves.sql once more."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql" / "policy_moves.sql"


class Migration(migrations.Migration):
    dependencies = [("pipeline", "0018_input_times"), ("ledger", "0041_kind_of_withdrawal")]
    operations = [migrations.RunSQL(SQL.read_text(), migrations.RunSQL.noop)]
