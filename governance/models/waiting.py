"""Value that waits on functions, and what open deals would ask of capacity: written by entries and by blocks alone."""

from django.db import models


class Waiting(models.Model):
    """A while in which a deal waited on a function; `until_entry` is empty where it still does."""

    app_grants = ("SELECT",)

    pk = models.CompositePrimaryKey("stream", "function", "from_entry")
    stream = models.TextField()
    function = models.TextField()
    from_entry = models.BigIntegerField()
    deal_id = models.BigIntegerField()
    unit = models.TextField()
    value_minor = models.BigIntegerField()
    from_at = models.DateTimeField()
    until_at = models.DateTimeField(null=True)
    until_entry = models.BigIntegerField(null=True)

    class Meta:
        managed = False
        db_table = "governance_waiting"

    def __str__(self) -> str:
        return f"{self.stream} on {self.function} from entry {self.from_entry}"


class WaitingTotal(models.Model):
    """What the entries of one block added to what waits on a function, less what they took from it."""

    app_grants = ("SELECT",)

    pk = models.CompositePrimaryKey("level", "number", "function", "unit")
    level = models.SmallIntegerField()
    number = models.BigIntegerField()
    function = models.TextField()
    unit = models.TextField()
    deals = models.BigIntegerField()
    amount = models.BigIntegerField()

    class Meta:
        managed = False
        db_table = "governance_waiting_total"

    def __str__(self) -> str:
        return f"{self.deals} deals on {self.function}, {self.unit}"


class DemandTotal(models.Model):
    """What the entries of one block added to what is asked of a unit from a month on, by the stage of the deals."""

    app_grants = ("SELECT",)

    pk = models.CompositePrimaryKey("level", "number", "unit", "stage", "month")
    level = models.SmallIntegerField()
    number = models.BigIntegerField()
    unit = models.TextField()
    stage = models.TextField()
    month = models.DateField()
    units = models.BigIntegerField()

    class Meta:
        managed = False
        db_table = "governance_demand_total"

    def __str__(self) -> str:
        return f"{self.units} units of {self.unit} from {self.month:%Y-%m}"
