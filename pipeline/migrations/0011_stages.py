"""The pipeline by stage, summed up block by block. Written by hand; see sql/stages.sql."""

from pathlib import Path

from django.db import migrations, models

SQL = Path(__file__).parent / "sql"
KEY = ("level", "number", "stage", "unit", "currency")


class Migration(migrations.Migration):
    dependencies = [("pipeline", "0010_closed_periods"), ("ledger", "0012_totals")]
    operations = [
        migrations.CreateModel(
            name="StageTotal",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(*KEY, blank=True, editable=False, primary_key=True, serialize=False),
                ),
                ("level", models.SmallIntegerField()),
                ("number", models.BigIntegerField()),
                ("stage", models.TextField()),
                ("unit", models.TextField()),
                ("currency", models.TextField()),
                ("deals", models.BigIntegerField()),
                ("amount", models.BigIntegerField()),
            ],
            options={"db_table": "pipeline_stage_total", "managed": False},
        ),
        migrations.RunSQL((SQL / "stages.sql").read_text(), migrations.RunSQL.noop),
    ]
