"""Notices with a subject and a rung; receivers, deliveries and the proof of each try; habits and subscriptions."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# What was told before is one rung of its entry, and nobody is mailed about it now.
OLD_ONES = "UPDATE governance_notice SET subject = 'entry/' || entry_id, planned_at = at"


class Migration(migrations.Migration):
    dependencies = [
        ("governance", "0003_separation_of_duties"),
        ("pipeline", "0003_lists_find_deals"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Acknowledgement",
            fields=[
                ("subject", models.TextField(primary_key=True, serialize=False)),
                ("at", models.DateTimeField()),
                ("reopened_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Attempt",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField()),
                ("at", models.DateTimeField()),
                ("result", models.CharField(max_length=11)),
                ("status", models.PositiveSmallIntegerField(null=True)),
                ("detail", models.CharField(blank=True, max_length=500)),
                ("milliseconds", models.PositiveIntegerField(default=0)),
                ("sha256", models.CharField(blank=True, max_length=64)),
            ],
        ),
        migrations.CreateModel(
            name="Delivery",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("message", models.UUIDField(default=uuid.uuid4, unique=True)),
                (
                    "sort",
                    models.CharField(
                        choices=[("notice", "Notice"), ("digest", "Digest"), ("event", "Event"), ("test", "Test")],
                        max_length=6,
                    ),
                ),
                ("entry_id", models.BigIntegerField(null=True)),
                ("digest_on", models.DateField(null=True)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("delivered", "Delivered"),
                            ("withheld", "Withheld"),
                            ("given up", "Given up"),
                        ],
                        default="waiting",
                        max_length=9,
                    ),
                ),
                ("attempts", models.PositiveIntegerField(default=0)),
                ("created_at", models.DateTimeField()),
                ("due_at", models.DateTimeField()),
                ("settled_at", models.DateTimeField(null=True)),
            ],
            options={
                "verbose_name_plural": "deliveries",
            },
        ),
        migrations.CreateModel(
            name="Habit",
            fields=[
                (
                    "person",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="habit",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "way",
                    models.CharField(
                        choices=[("email", "E-mail"), ("slack", "Slack"), ("none", "In the product only")],
                        default="email",
                        max_length=5,
                    ),
                ),
                ("at_once", models.BooleanField(default=True)),
                ("slack", models.TextField(blank=True)),
                ("slack_host", models.CharField(blank=True, max_length=300)),
                ("quiet_from", models.TimeField(default="20:00")),
                ("quiet_until", models.TimeField(default="07:00")),
                ("digest_at", models.TimeField(default="08:00")),
                ("zone", models.CharField(blank=True, max_length=64)),
            ],
        ),
        migrations.CreateModel(
            name="Interruption",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "person", "day", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("day", models.DateField()),
                ("count", models.PositiveSmallIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="Receiver",
            fields=[
                ("key", models.CharField(max_length=40, primary_key=True, serialize=False)),
                ("wake_at", models.DateTimeField(null=True)),
                ("not_before", models.DateTimeField()),
                ("leased_until", models.DateTimeField()),
                ("turn", models.BigIntegerField(default=0)),
                ("failures", models.PositiveIntegerField(default=0)),
                ("failing_since", models.DateTimeField(null=True)),
                ("stopped_at", models.DateTimeField(null=True)),
                ("said", models.CharField(blank=True, max_length=300)),
            ],
        ),
        migrations.CreateModel(
            name="SentMail",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("recipient", models.CharField(max_length=320)),
                ("subject", models.CharField(max_length=500)),
                ("body", models.TextField()),
                ("headers", models.JSONField(default=dict)),
                ("at", models.DateTimeField()),
            ],
            options={
                "verbose_name_plural": "sent mail",
            },
        ),
        migrations.CreateModel(
            name="Subscription",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "form",
                    models.CharField(
                        choices=[("webhook", "Signed webhook"), ("slack", "Slack")], default="webhook", max_length=7
                    ),
                ),
                ("name", models.CharField(max_length=100)),
                ("shown", models.CharField(max_length=300)),
                ("address", models.TextField()),
                ("topics", models.JSONField()),
                ("secret", models.TextField(blank=True)),
                ("old_secret", models.TextField(blank=True)),
                ("old_until", models.DateTimeField(null=True)),
                ("created_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                ("after_xid", models.BigIntegerField()),
                ("after_id", models.BigIntegerField()),
                ("floor_id", models.BigIntegerField(default=0)),
                ("newest_id", models.BigIntegerField()),
                ("cluster", models.CharField(max_length=40)),
            ],
        ),
        migrations.RemoveConstraint(
            model_name="notice",
            name="a_person_is_told_of_an_entry_once",
        ),
        migrations.AddField(
            model_name="notice",
            name="interrupts",
            field=models.BooleanField(default=True),
        ),
        migrations.AddField(
            model_name="notice",
            name="planned_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="notice",
            name="rung",
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="notice",
            name="subject",
            field=models.TextField(default=""),
            preserve_default=False,
        ),
        migrations.AlterField(
            model_name="notice",
            name="deal",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="pipeline.deal"
            ),
        ),
        migrations.AlterField(
            model_name="notice",
            name="entry_id",
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddIndex(
            model_name="notice",
            index=models.Index(condition=models.Q(("planned_at", None)), fields=["id"], name="notices_without_a_plan"),
        ),
        migrations.RunSQL(OLD_ONES, migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name="notice",
            constraint=models.UniqueConstraint(
                fields=("subject", "rung", "person"), name="a_person_is_told_once_a_rung"
            ),
        ),
        migrations.AddField(
            model_name="delivery",
            name="notices",
            field=models.ManyToManyField(related_name="deliveries", to="governance.notice"),
        ),
        migrations.AddField(
            model_name="delivery",
            name="person",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="deliveries",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="attempt",
            name="delivery",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="tries", to="governance.delivery"
            ),
        ),
        migrations.AddIndex(
            model_name="receiver",
            index=models.Index(condition=models.Q(("stopped_at", None)), fields=["wake_at"], name="receivers_to_wake"),
        ),
        migrations.AddIndex(
            model_name="receiver",
            index=models.Index(
                condition=models.Q(("failing_since__isnull", False)), fields=["stopped_at"], name="receivers_in_trouble"
            ),
        ),
        migrations.AddField(
            model_name="delivery",
            name="receiver",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="deliveries", to="governance.receiver"
            ),
        ),
        migrations.AddIndex(
            model_name="sentmail",
            index=models.Index(fields=["recipient", "-id"], name="governance__recipie_f0f746_idx"),
        ),
        migrations.AddField(
            model_name="subscription",
            name="person",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="subscriptions", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="delivery",
            name="subscription",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="deliveries",
                to="governance.subscription",
            ),
        ),
        migrations.AddConstraint(
            model_name="attempt",
            constraint=models.UniqueConstraint(fields=("delivery", "number"), name="a_try_is_noted_once"),
        ),
        migrations.AddConstraint(
            model_name="interruption",
            constraint=models.CheckConstraint(
                condition=models.Q(("count__range", (1, 5))), name="a_person_is_interrupted_five_times_a_day"
            ),
        ),
        migrations.AddIndex(
            model_name="subscription",
            index=models.Index(fields=["person", "-id"], name="governance__person__b8c149_idx"),
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(
                condition=models.Q(("state", "waiting")),
                fields=["receiver", "due_at", "id"],
                name="deliveries_that_wait",
            ),
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(fields=["person", "-id"], name="governance__person__3eb951_idx"),
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(fields=["subscription", "-id"], name="governance__subscri_092d29_idx"),
        ),
        migrations.AddConstraint(
            model_name="delivery",
            constraint=models.UniqueConstraint(
                fields=("subscription", "entry_id"), name="a_program_hears_of_an_entry_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="delivery",
            constraint=models.UniqueConstraint(fields=("receiver", "digest_on"), name="a_day_has_one_digest"),
        ),
        migrations.RunSQL("SELECT ledger_guard('governance_attempt', true)", migrations.RunSQL.noop),
    ]
