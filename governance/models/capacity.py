"""Capacity by unit and month. Written only by the insert of an entry; the application role may read."""

from django.db import models


class CapacityMonth(models.Model):
    """A pool: what a unit has in a month, the most that it may promise, and what is promised."""

    app_grants = ("SELECT",)

    id = models.BigIntegerField(primary_key=True)
    stream = models.TextField(unique=True)
    unit = models.ForeignKey("pipeline.Unit", models.DO_NOTHING, db_column="unit", related_name="+")
    month = models.DateField()
    base = models.BigIntegerField()
    expanded = models.BigIntegerField()
    ceiling = models.DecimalField(max_digits=6, decimal_places=4)
    promised = models.BigIntegerField()
    soft = models.BigIntegerField()
    confirmed = models.BigIntegerField()
    entry_id = models.BigIntegerField()

    class Meta:
        managed = False
        db_table = "governance_capacitymonth"

    def __str__(self) -> str:
        return f"{self.unit_id} {self.month:%Y-%m}"


class Reservation(models.Model):
    """What one deal holds of one pool now; a released one leaves."""

    app_grants = ("SELECT",)

    id = models.BigIntegerField(primary_key=True)
    deal_id = models.BigIntegerField()
    unit = models.ForeignKey("pipeline.Unit", models.DO_NOTHING, db_column="unit", related_name="+")
    month = models.DateField()
    units = models.BigIntegerField()
    state = models.TextField()
    entry_id = models.BigIntegerField()

    class Meta:
        managed = False
        db_table = "governance_reservation"

    def __str__(self) -> str:
        return f"{self.units} of {self.unit_id} {self.month:%Y-%m}"


class Expansion(models.Model):
    """More units a month, ordered by one person and verified by another."""

    app_grants = ("SELECT",)

    id = models.BigIntegerField(primary_key=True)
    unit = models.ForeignKey("pipeline.Unit", models.DO_NOTHING, db_column="unit", related_name="+")
    units = models.BigIntegerField()
    ordered_on = models.DateField()
    lead_days = models.IntegerField()
    counts_from = models.DateField()
    state = models.TextField()
    ordered_by = models.BigIntegerField()
    ordered_at = models.DateTimeField()
    verified_by = models.BigIntegerField(null=True)
    verified_at = models.DateTimeField(null=True)
    entry_id = models.BigIntegerField()

    class Meta:
        managed = False
        db_table = "governance_expansion"

    def __str__(self) -> str:
        return f"+{self.units} in {self.unit_id} from {self.counts_from:%Y-%m}"
