"""Runs of the three verdicts, and the entry that tells what one found."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("ledger", "0007_channels")]
    operations = [
        migrations.CreateModel(
            name="Verification",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("asked_by", models.BigIntegerField()),
                ("asked_at", models.DateTimeField()),
                ("night", models.DateField(null=True, unique=True)),
                ("claim", models.IntegerField(default=0)),
                ("failures", models.IntegerField(default=0)),
                ("seen_at", models.DateTimeField(null=True)),
                ("started_at", models.DateTimeField(null=True)),
                ("finished_at", models.DateTimeField(null=True)),
                ("done", models.BigIntegerField(default=0)),
                ("whole", models.BigIntegerField(default=0)),
                ("progress", models.JSONField(null=True)),
                ("report", models.JSONField(null=True)),
                ("fault", models.TextField(default="")),
            ],
            options={
                "db_table": "ledger_verification",
                "indexes": [
                    models.Index(models.F("id"), condition=models.Q(finished_at=None), name="verification_unfinished")
                ],
            },
        ),
        migrations.RunSQL(
            "INSERT INTO ledger_kind (name, effect, status, stream) VALUES ('ledger.verified', NULL, '', 'ledger')"
            " ON CONFLICT DO NOTHING",
            migrations.RunSQL.noop,
        ),
    ]
