from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("reporting", "0008_open_by_period"), ("governance", "0017_breaks")]
    operations = [
        migrations.CreateModel(
            name="Reconciliation",
            fields=[
                ("day", models.DateField(primary_key=True, serialize=False)),
                ("place", models.BigIntegerField(default=0)),
                ("deals", models.BigIntegerField(default=0)),
                ("found", models.BigIntegerField(default=0)),
                ("changed", models.BigIntegerField(default=0)),
                ("cleared", models.BigIntegerField(default=0)),
                ("began_at", models.DateTimeField()),
                ("finished_at", models.DateTimeField(null=True)),
            ],
            options={"db_table": "reporting_reconciliation"},
        ),
    ]
