from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("pipeline", "0017_stays")]
    operations = [
        migrations.CreateModel(
            name="InputTime",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("input", models.TextField()),
                ("place", models.SmallIntegerField()),
                ("seconds", models.IntegerField()),
            ],
            options={"db_table": "pipeline_inputtime"},
        ),
        migrations.AddConstraint(
            model_name="inputtime",
            constraint=models.UniqueConstraint(fields=("input", "place"), name="pipeline_inputtime_one_a_place"),
        ),
    ]
