from django.db import models


class Forecast(models.Model):
    """What the owner of a deal said of it at a moment, or what the record took back; in force until `until_at`."""

    app_grants = ("SELECT",)

    entry_id = models.BigIntegerField(primary_key=True)
    stream = models.TextField()
    deal_id = models.BigIntegerField()
    seat_id = models.BigIntegerField()
    kind = models.TextField()
    category = models.TextField()
    ceiling = models.TextField()
    probability = models.DecimalField(max_digits=5, decimal_places=4)
    amount_minor = models.BigIntegerField()
    currency = models.TextField()
    value_minor = models.BigIntegerField(null=True)
    close_on = models.DateField()
    period = models.DateField()
    unit = models.TextField()
    at = models.DateTimeField()
    until_at = models.DateTimeField(null=True)

    class Meta:
        managed = False
        db_table = "reporting_forecast"

    def __str__(self) -> str:
        return f"{self.stream}: {self.category}"


class Push(models.Model):
    """A change of a deal's close to a later day."""

    app_grants = ("SELECT",)

    entry_id = models.BigIntegerField(primary_key=True)
    stream = models.TextField()
    deal_id = models.BigIntegerField()
    at = models.DateTimeField()
    was_on = models.DateField()
    now_on = models.DateField()
    boundary = models.BooleanField()
    stage = models.TextField()

    class Meta:
        managed = False
        db_table = "reporting_push"

    def __str__(self) -> str:
        return f"{self.stream}: {self.was_on} → {self.now_on}"
