"""Whose turn it is at what was submitted. Written by hand; see sql/turns.sql."""

from pathlib import Path

from django.db import migrations, models

SQL = Path(__file__).parent / "sql" / "turns.sql"


class Migration(migrations.Migration):
    dependencies = [("governance", "0017_breaks"), ("ledger", "0034_kinds_of_turns")]
    operations = [
        migrations.RunSQL(SQL.read_text(), migrations.RunSQL.noop),
        migrations.CreateModel(
            name="Turn",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "stream", "submission", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("stream", models.TextField()),
                ("submission", models.BigIntegerField()),
                ("key", models.TextField()),
                ("deal_id", models.BigIntegerField()),
                ("handed_to", models.BigIntegerField(null=True)),
                ("question", models.BigIntegerField(null=True)),
                ("asked_by", models.BigIntegerField(null=True)),
                ("asked_of", models.BigIntegerField(null=True)),
                ("asked_at", models.DateTimeField(null=True)),
                ("stopped_us", models.BigIntegerField()),
                ("entry_id", models.BigIntegerField()),
            ],
            options={"db_table": "governance_turn", "managed": False},
        ),
    ]
