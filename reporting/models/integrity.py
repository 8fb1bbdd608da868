"""What was measured of how far numbers rest on facts: a memory that can be measured anew, never a truth."""

from django.db import models


class Integrity(models.Model):
    """The newest score of a deal, where its value stood then, and when time alone may change it."""

    deal = models.OneToOneField("pipeline.Deal", models.DO_NOTHING, primary_key=True, related_name="integrity")
    version = models.IntegerField()
    score = models.SmallIntegerField()
    parts = models.JSONField()
    place = models.TextField(default="")
    period = models.DateField(null=True)
    unit = models.TextField(default="")
    value = models.BigIntegerField(default=0)
    lack = models.BigIntegerField(default=0)  # value × (100 − score): what it takes from the score of a total
    at = models.DateTimeField()
    again_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "reporting_integrity"
        indexes = [
            models.Index("again_at", name="integrity_again"),
            models.Index("place", models.F("lack").desc(), models.F("deal").desc(), name="integrity_lack"),
        ]
        constraints = [
            models.CheckConstraint(condition=models.Q(score__range=(0, 100)), name="a_score_is_0_to_100"),
        ]

    def __str__(self) -> str:
        return f"deal {self.deal_id}: {self.score}"


class IntegrityMove(models.Model):
    """What one measurement changed in the sums of a place: `worth` is value × score. Never changed: the past stays."""

    app_grants = ("SELECT", "INSERT")

    deal_id = models.BigIntegerField()
    at = models.DateTimeField()
    place = models.TextField()
    period = models.DateField()
    unit = models.TextField()
    value = models.BigIntegerField()
    worth = models.BigIntegerField()

    class Meta:
        db_table = "reporting_integritymove"
        indexes = [models.Index("place", "at", name="integrity_move_at")]

    def __str__(self) -> str:
        return f"{self.value} worth {self.worth} at {self.place}"


class IntegrityDay(models.Model):
    """The moves of one day (UTC) together, so that a sum up to a moment reads days and the moves of one."""

    app_grants = ("SELECT", "INSERT", "UPDATE")

    pk = models.CompositePrimaryKey("place", "day", "period", "unit")
    place = models.TextField()
    day = models.DateField()
    period = models.DateField()
    unit = models.TextField()
    value = models.BigIntegerField()
    worth = models.BigIntegerField()

    class Meta:
        db_table = "reporting_integrityday"

    def __str__(self) -> str:
        return f"{self.place} on {self.day}: {self.value} worth {self.worth}"


class IntegrityPlace(models.Model):
    """How far the record was followed: `leaf` is the next leaf of the tree, known up to `at`. One row."""

    leaf = models.BigIntegerField(default=0)
    at = models.DateTimeField(null=True)

    class Meta:
        db_table = "reporting_integrityplace"

    def __str__(self) -> str:
        return f"next leaf {self.leaf}"
