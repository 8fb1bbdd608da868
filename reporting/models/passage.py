from django.db import models


class Passage(models.Model):
    """One stay of a deal in a stage."""

    app_grants = ("SELECT",)

    entry_id = models.BigIntegerField(primary_key=True)
    stream = models.TextField()
    deal_id = models.BigIntegerField()
    stage = models.TextField()
    unit = models.TextField()
    close_on = models.DateField(null=True)
    entered_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True)
    to_stage = models.TextField(null=True)
    left_entry = models.BigIntegerField(null=True)

    class Meta:
        managed = False
        db_table = "reporting_passage"

    def __str__(self) -> str:
        return f"{self.stream}: {self.stage}"


class Lock(models.Model):
    """Forecasts of a month as they stood some days before it; the digest is of their lines."""

    app_grants = ("SELECT",)

    entry_id = models.BigIntegerField(primary_key=True)
    stream = models.TextField()
    horizon = models.IntegerField()
    period = models.DateField()
    taken_of = models.DateTimeField()
    deals = models.BigIntegerField()
    digest = models.TextField()
    sums = models.JSONField()

    class Meta:
        managed = False
        db_table = "reporting_lock"

    def __str__(self) -> str:
        return f"{self.stream}: {self.horizon} days before"


class Call(models.Model):
    """What a manager makes of the roll-up of a unit, beside what rolled up."""

    app_grants = ("SELECT",)

    entry_id = models.BigIntegerField(primary_key=True)
    stream = models.TextField()
    period = models.DateField()
    unit = models.TextField()
    seat_id = models.BigIntegerField()
    week = models.DateField()
    commit_minor = models.BigIntegerField()
    best_case_minor = models.BigIntegerField()
    rolled_up = models.JSONField()
    at = models.DateTimeField()

    class Meta:
        managed = False
        db_table = "reporting_call"

    def __str__(self) -> str:
        return f"{self.stream}: {self.unit}, week of {self.week}"
