"""How deals stood, while by while. Written by hand; see sql/stays.sql."""

from pathlib import Path

from django.db import migrations, models

SQL = Path(__file__).parent / "sql"
# Once the rows are there. By stage, the newest deals at a moment are found without a look at those that left it.
FOUND = """
CREATE INDEX pipeline_stay_begun ON pipeline_stay (from_entry);
CREATE INDEX pipeline_stay_ended ON pipeline_stay (until_entry) WHERE until_entry IS NOT NULL;
CREATE INDEX pipeline_stay_by_stage ON pipeline_stay (stage, deal_id DESC) INCLUDE (from_at, until_at);
ANALYZE pipeline_stay;
SELECT ledger_guard('pipeline_stay', false);
"""


class Migration(migrations.Migration):
    dependencies = [("pipeline", "0016_unpriced")]
    operations = [
        migrations.RunSQL((SQL / "stays.sql").read_text(), migrations.RunSQL.noop),
        migrations.RunSQL((SQL / "stays_so_far.sql").read_text(), migrations.RunSQL.noop),
        migrations.RunSQL(FOUND, migrations.RunSQL.noop),
        migrations.CreateModel(
            name="Stay",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "stream", "from_entry", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("stream", models.TextField()),
                ("from_entry", models.BigIntegerField()),
                ("deal_id", models.BigIntegerField()),
                ("stage", models.TextField()),
                ("unit", models.TextField()),
                ("owner_id", models.BigIntegerField()),
                ("close_on", models.DateField(null=True)),
                ("value_minor", models.BigIntegerField(null=True)),
                ("entered_at", models.DateTimeField()),
                ("delivers", models.BigIntegerField(null=True)),
                ("delivers_from", models.DateField(null=True)),
                ("delivers_months", models.IntegerField(null=True)),
                ("from_at", models.DateTimeField()),
                ("until_at", models.DateTimeField(null=True)),
                ("until_entry", models.BigIntegerField(null=True)),
            ],
            options={"db_table": "pipeline_stay", "managed": False},
        ),
    ]
