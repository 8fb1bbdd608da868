"""Who moves a plan. Written by hand; see sql/plans.sql."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("governance", "0013_touchpoints")]
    operations = [migrations.RunSQL((SQL / "plans.sql").read_text(), migrations.RunSQL.noop)]
